"""How the admin console looks and what stands in its side bar: settings of django-unfold."""

from typing import Any

_SHADES = {
    "50": 98.5, "100": 96.7, "200": 92.2, "300": 87, "400": 70.8, "500": 55.6, "600": 43.9, "700": 37.1,
    "800": 27, "900": 22.5, "950": 16,
}  # fmt: skip
# The pages' one accent, from light to dark; 600 bears white text, 400 and 500 are text on dark ground.
_ACCENTS = {
    "50": 97.5, "100": 95, "200": 91, "300": 85.5, "400": 79, "500": 73, "600": 48, "700": 42, "800": 36,
    "900": 31, "950": 24,
}  # fmt: skip
_ACCENT_HUE = 243

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "AVA",
    "SITE_HEADER": "AVA",
    "SITE_SUBHEADER": "Titles, people and jobs",
    "SITE_SYMBOL": "theaters",
    "SITE_URL": "/",
    "THEME": "dark",  # as the pages: pictures are judged on neutral grey
    "COLORS": {
        "base": {shade: f"oklch({lightness}% 0 0)" for shade, lightness in _SHADES.items()},
        "primary": {shade: f"oklch({lightness}% .07 {_ACCENT_HUE})" for shade, lightness in _ACCENTS.items()},
    },
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "ava.admin_front_page.front_page",
    "SIDEBAR": {"show_search": True, "navigation": "ava.admin_site.navigation"},
    "STYLES": ["ava.admin_site.style_sheet"],
    "ACCOUNT": {"navigation": "ava.admin_site.account_links"},
}
