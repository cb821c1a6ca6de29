"""What people see in the browser while they install Rung: what happened, and what to do next."""

from html import escape

from slack_bolt.response import BoltResponse

INSTALL = "/slack/install"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds Slack's code
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
AGAIN = f'<p><a class="button" href="{INSTALL}">Start again</a></p>'
# Slack's word, Bolt's or ours for why not → status, headline and what to do.
FAILURES = {
    "access_denied": (200, "Nothing was installed", "You cancelled, and that is fine. Nothing was changed in Slack."),
    "invalid_browser": (
        400,
        "This page was opened on its own",
        "An installation begins and ends in one browser, over https. Please start it here.",
    ),
    "invalid_state": (
        400,
        "That link is used up",
        "An installation has ten minutes, and each link works once. Please start again: if Rung answers"
        " <code>/ladder next</code> in Slack already, there is nothing left to do.",
    ),
    "unreachable": (
        503,
        "Slack does not answer",
        "Rung could not reach Slack just now. Please start again in a minute.",
    ),
    "no_database": (503, "Not at the moment", "Rung cannot write anything down just now. Please try in a minute."),
    "token_rotation": (
        409,
        "One setting is in the way",
        "This Slack app has token rotation switched on, which Rung does not take part in. Please tell whoever runs"
        " Rung: it needs a Slack app without it.",
    ),
    "misconfigured": (
        502,
        "Rung is not set up right",
        "Slack does not take Rung's own credentials. Please tell whoever runs Rung: the reason is in its log.",
    ),
}
OTHERWISE = (400, "That did not work", "Slack did not accept this installation. Please start it again.")
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:12vh auto;padding:0 1.5rem;color:#1d1c1d}"
    "h1{font-size:1.5rem}.button{display:inline-block;padding:.6rem 1.1rem;border-radius:.4rem;background:#4a154b;"
    "color:#fff;text-decoration:none}code{background:#f2f2f2;padding:.1rem .3rem;border-radius:.2rem}"
)


def install(url: str) -> str:
    """The page that an installation begins on; `url` is Slack's."""
    return _page(
        "Add Rung to Slack",
        "<p>Rung helps people reach the next rung of their career ladder: it shows what the next level asks, asks one"
        " good question a week, and keeps a private growth log. It writes to nobody who has not said yes.</p>"
        f'<p><a class="button" href="{escape(url)}">Add to Slack</a></p>'
        "<p>Slack shows you what Rung may do before you agree.</p>",
    )


def success(workspace: str, team: str | None, app: str | None) -> BoltResponse:
    """Rung is there; `workspace` is its name as Slack has it."""
    link = f"slack://app?team={team}&id={app}" if team and app else "slack://open"
    words = (
        "<p>Open Slack and type <code>/ladder next</code>: Rung asks which level you are at, and shows you the next."
        f' Nobody else hears from it by itself.</p><p><a class="button" href="{escape(link)}">Open Slack</a></p>'
    )
    return BoltResponse(status=200, headers={**HEADERS}, body=_page(f"Rung is in {escape(workspace)}", words))


def failure(reason: str) -> BoltResponse:
    """What went wrong, in words for whoever wanted to install Rung."""
    status, headline, words = FAILURES.get(reason, OTHERWISE)
    return BoltResponse(status=status, headers={**HEADERS}, body=_page(headline, f"<p>{words}</p>{AGAIN}"))


def _page(headline: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{headline}</title><style>{STYLE}</style></head><body><h1>{headline}</h1>{body}</body></html>"
    )
