"""Addresses of messages in Slack, made from the workspace's own address."""


def link_to(workspace_url: str, *, channel: str, ts: str, thread_ts: str = "") -> str:
    """Return the address of a message, or "" when the workspace's address is not known."""
    # The key of an edited message that opened a case of its own is "<ts>-edited-<digest>".
    ts = ts.partition("-")[0]
    if not workspace_url or not channel or not ts:
        return ""
    suffix = f"?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else ""
    return f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}{suffix}"
