"""ActiveCampaign: its contacts and their archived copies found, deleted, purged and proven absent."""

from services.activecampaign.settings import Settings
from services.activecampaign.system import ActiveCampaign
from services.activecampaign.unconfigured import NotConfigured

__all__ = ["ActiveCampaign", "NotConfigured", "Settings"]
