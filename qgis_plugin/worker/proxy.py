"""The proxy of QGIS for the processes that the plugin starts: pip, and the worker."""

from __future__ import annotations

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QProcessEnvironment, QUrl

from .stored import stored

__all__ = ["with_proxy"]

_DIRECT = ("localhost", "127.0.0.1")


def with_proxy(environment: QProcessEnvironment) -> QProcessEnvironment:
    """Add QGIS's proxy as environment variables, so that no log shows its password."""
    if not stored("proxy/proxyEnabled", False):
        return environment
    url = QUrl()
    url.setScheme("socks5" if "Socks" in stored("proxy/proxyType", "") else "http")
    url.setHost(stored("proxy/proxyHost", ""))
    port = stored("proxy/proxyPort", "").strip()
    if port.isdecimal():
        url.setPort(int(port))
    user = stored("proxy/proxyUser", "")
    if user:
        url.setUserName(user)
        url.setPassword(stored("proxy/proxyPassword", ""))
    if url.host():
        text = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        # curl, and so GDAL, reads only the small letters for http.
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            environment.insert(name, text)
        hosts = ",".join((*_DIRECT, *_excluded_hosts()))
        for name in ("NO_PROXY", "no_proxy"):
            environment.insert(name, hosts)
    return environment


def _excluded_hosts() -> list[str]:
    """Return the hosts of the addresses that QGIS opens without its proxy."""
    texts: list[object] = []
    for key in ("proxy/noProxyUrls", "proxy/proxyExcludedUrls"):
        excluded = QgsSettings().value(key, []) or []
        texts += [excluded] if isinstance(excluded, str) else excluded
    hosts = (QUrl.fromUserInput(str(text).strip()).host() for text in texts)
    return list(filter(None, hosts))
