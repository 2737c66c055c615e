# SPDX-License-Identifier: Apache-2.0
"""Home Assistant's ingress: a proxy that requests the app's page from the Supervisor's address, below a path unknown to the page."""
import pathlib
import urllib.error
import urllib.request

SUPERVISOR, APP, PORT = "172.30.32.2", "172.30.33.5", 8099
PATH = "/api/hassio_ingress/kZ3fV-q0bX/"
# As packaging/home-assistant-addon/run.sh writes it.
LISTEN = f'{{listen: "0.0.0.0:{PORT}", proxy: {SUPERVISOR}}}'
# The Supervisor forwards the browser's Host and adds these; it does not forward its own path prefix.
CONFIGURATION = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location {path} {{
            proxy_pass http://{app}:{app_port}/;
            proxy_bind {supervisor};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Ingress-Path {ingress};
            proxy_read_timeout 1h;
        }}
    }}
}}
"""


def proxy(folder: pathlib.Path, port: int) -> list[str]:
    """The command for a proxy that listens on `port` of the loopback interface."""
    text = CONFIGURATION.format(
        folder=folder, port=port, path=PATH, ingress=PATH.rstrip("/"), app=APP, app_port=PORT, supervisor=SUPERVISOR)
    (folder / "nginx.conf").write_text(text)
    return ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]


def strangers() -> list[str]:
    """Faults in the answers to others than the Supervisor: another app on its network, the loopback interface, a forged header."""
    faults = []
    for address in (APP, "127.0.0.1"):
        for path in ("", "v1/meters", "page/events?view=/"):
            request = urllib.request.Request(
                f"http://{address}:{PORT}/{path}", headers={"X-Forwarded-For": SUPERVISOR, "X-Ingress-Path": PATH})
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    faults.append(f"{address} asks for /{path} and gets {answer.status}")
            except urllib.error.HTTPError as error:
                if error.code != 403:
                    faults.append(f"{address} asks for /{path} and gets {error.code}")
    return faults
