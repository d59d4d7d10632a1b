"""A registry that takes images under ECR's own name: Debian's docker-registry, behind TLS and ECR's login.

moto makes repositories and gives logins, but takes no image. Engines push to the repository's host name, which a proxy leads
here; every other host it leaves alone.
"""

import datetime
import ipaddress
import pathlib
import socket
import socketserver
import subprocess
import threading
import time

import bcrypt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Registry:
    """`environment` is what an engine needs to find it; `password` what moto's ECR gives to user AWS."""

    def __init__(self, folder, host, password):
        folder = pathlib.Path(folder)
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        sign(host, certificate, key)
        users = folder / "users"
        users.write_bytes(b"AWS:" + bcrypt.hashpw(password.encode(), bcrypt.gensalt(5)) + b"\n")
        port = free_port()
        config = folder / "registry.yml"
        config.write_text(f"""
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder / "images"}}}}}
http: {{addr: "127.0.0.1:{port}", tls: {{certificate: {certificate}, key: {key}}}}}
auth: {{htpasswd: {{realm: ecr, path: {users}}}}}
""")
        self.log = open(folder / "registry.log", "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", config], stdout=self.log, stderr=self.log)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        self.proxy = Proxy(host, port)
        self.environment = {"HTTPS_PROXY": self.proxy.url, "SSL_CERT_FILE": str(certificate),
                            "REGISTRY_AUTH_FILE": str(folder / "login.json")}

    def close(self):
        self.proxy.shutdown()
        self.proxy.server_close()
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Proxy(socketserver.ThreadingTCPServer):
    """CONNECT alone: `host` leads to `port` on this machine, any other where it says."""

    daemon_threads = True

    def __init__(self, host, port):
        class Connection(socketserver.StreamRequestHandler):
            def handle(self):
                target = self.rfile.readline().split()[1].decode()
                while self.rfile.readline().strip():
                    pass
                name, number = target.rsplit(":", 1)
                there = ("127.0.0.1", port) if name == host else (name, int(number))
                try:
                    other = socket.create_connection(there, 30)
                except OSError as error:
                    self.wfile.write(f"HTTP/1.1 502 {error}\r\n\r\n".encode())
                    return
                other.settimeout(None)
                with other:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    back = threading.Thread(target=pump, args=(other, self.connection), daemon=True)
                    back.start()
                    pump(self.connection, other)
                    back.join()

        super().__init__(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


def pump(source, sink):
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # One side is gone; the other learns it by its own end.
        pass


def sign(host, certificate, key):
    """A certificate for `host`, a name or an address, that stands for itself: whoever trusts it trusts nothing else."""
    try:
        subject = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        subject = x509.DNSName(host)
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
              .serial_number(x509.random_serial_number())
              .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
              .add_extension(x509.SubjectAlternativeName([subject]), critical=False)
              .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
              .sign(private, hashes.SHA256()))
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
