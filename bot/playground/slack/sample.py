"""The sample company: Fernleaf, a plant shop, with its support channel and the people in it."""

from bot.playground.slack.workspace import Channel, User, UserGroup, Workspace

TEAM = "T_FERN"
OTHER_TEAM = "T_OTTER"
SUPPORT = "C_SUPPORT"
GENERAL = "C_GENERAL"
PRIVACY = "C_PRIVACY"
PRIVACY_LEADS = "S_PRIVACY"
MAYA, JONAS, ANA, BEN = "U_MAYA", "U_JONAS", "U_ANA", "U_BEN"
LEA, TOM, OLGA, OTTO = "U_LEA", "U_TOM", "U_OLGA", "U_OTTO"
HELPDESK = "U_HELPDESK"
BOT = "UBOT"
BOT_ID = "BBOT"
APP_ID = "A_DESK"


def sample_workspace() -> Workspace:
    """Return a fresh Fernleaf workspace; the bot is in #support and #privacy-cases, not in #general."""
    staff = [ANA, BEN, LEA, TOM, OLGA]
    return Workspace(
        team_id=TEAM,
        name="Fernleaf",
        domain="fernleaf",
        bot_user_id=BOT,
        users=[
            User(id=MAYA, name="maya", real_name="Maya Okafor", team_id=TEAM, is_guest=True, role="customer"),
            User(
                id=JONAS, name="jonas", real_name="Jonas Weber", team_id=TEAM, is_guest=True, role="customer"
            ),
            User(id=ANA, name="ana", real_name="Ana Duarte", team_id=TEAM, role="agent"),
            User(id=BEN, name="ben", real_name="Ben Harlow", team_id=TEAM, role="agent"),
            User(id=LEA, name="lea", real_name="Lea Brandt", team_id=TEAM, role="approver"),
            User(id=TOM, name="tom", real_name="Tom Iversen", team_id=TEAM, role="approver"),
            User(
                id=OLGA, name="olga", real_name="Olga Petrova", team_id=TEAM, is_admin=True, role="operator"
            ),
            User(id=OTTO, name="otto", real_name="Otto Lind", team_id=OTHER_TEAM, role="outsider"),
            User(
                id=BOT,
                name="deletion_desk",
                real_name="Deletion Desk",
                team_id=TEAM,
                is_bot=True,
                bot_id=BOT_ID,
                app_id=APP_ID,
            ),
            User(
                id=HELPDESK,
                name="ticket_bridge",
                real_name="Ticket Bridge",
                team_id=TEAM,
                is_bot=True,
                bot_id="BTICKET",
                app_id="A_TICKET",
            ),
        ],
        channels=[
            Channel(
                id=SUPPORT,
                name="support",
                members={MAYA, JONAS, OTTO, BOT, HELPDESK, *staff},
                is_ext_shared=True,
            ),
            Channel(id=GENERAL, name="general", members={MAYA, *staff}),
            Channel(id=PRIVACY, name="privacy-cases", members={BOT, *staff}, is_private=True),
            Channel(id="D_ANA", name="dm-ana", members={ANA, BOT}, is_im=True),
        ],
        user_groups=[UserGroup(id=PRIVACY_LEADS, handle="privacy-leads", members=[LEA, TOM])],
    )
