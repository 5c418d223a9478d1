"""The faults that an operator can mend, and the one line that each of them gets."""

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.settings import SettingsError
from services.marked_yaml import SystemsFileError
from services.storage import StoreInUseError, WrongMasterKeyError


class StartError(Exception):
    """Something outside is not as the settings say; the text names it and the cure, without secrets."""


MENDABLE = (SettingsError, SystemsFileError, StoreInUseError, WrongMasterKeyError, StartError)


def lines(error: BaseException) -> tuple[str, ...]:
    """Return what to print for a mendable error: one readable line a fault."""
    if isinstance(error, SettingsError):
        return error.lines
    return (str(error) or str(error.__doc__),)


def slack_start_error(error: Exception) -> StartError:
    """Return the line for a Slack that does not let the app in."""
    if isinstance(error, SlackApiError):
        code = error.response.get("error", "an unknown error")
        return StartError(
            f"SLACK_BOT_TOKEN: Slack answered {code}; reinstall the app and copy the token again"
        )
    return StartError(
        f"SLACK_API_URL: Slack cannot be reached ({type(error).__name__}); check the address and the network"
    )


def store_start_error(name: str, error: Exception) -> StartError:
    """Return the line for a database of our own that cannot be opened."""
    return StartError(
        f"{name}: the database cannot be opened ({type(error).__name__}); check address, rights and server"
    )


SLACK_FAULTS = (SlackApiError, SlackClientError, OSError)
