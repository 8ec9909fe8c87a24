"""A broker that speaks TLS and asks who is there: by SASL on one port, by TLS on another."""

from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, load_pem_private_key,
)  # fmt: skip

from tests.kafka.broker import Broker, free_ports

USER, PASSWORD = "villkor", "pw-hunter2-öre"
MORE = """
listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{mutual},INSIDE://127.0.0.1:{inside},\
CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://localhost:{sasl},SSL://localhost:{mutual},INSIDE://127.0.0.1:{inside}
inter.broker.listener.name=INSIDE
listener.security.protocol.map=CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
ssl.keystore.type=PEM
ssl.keystore.location={home}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={home}/ca.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


class SecureBroker(Broker):
    """Has `ca.pem`, `client.pem` with `client.key`, `stranger.pem`, and `password` in its home."""

    users = tuple(
        argument
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for argument in ("--add-scram", f"{mechanism}=[name={USER},password={PASSWORD}]")
    )

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.mutual, inside = free_ports(2)
        ours, strangers = trustme.CA(), trustme.CA()
        ours.cert_pem.write_to_path(home / "ca.pem")
        strangers.cert_pem.write_to_path(home / "stranger.pem")
        (home / "broker.pem").write_bytes(_as_java_reads(ours.issue_cert("localhost")))
        client = ours.issue_cert("worker@example.com")
        client.cert_chain_pems[0].write_to_path(home / "client.pem")
        client.private_key_pem.write_to_path(home / "client.key")
        (home / "password").write_text(PASSWORD + "\n", encoding="utf-8")
        more = MORE.format(
            sasl=self.port, mutual=self.mutual, inside=inside, controller=self.controller,
            home=home, user=USER, password=PASSWORD.replace("ö", "\\u00f6"),
        )  # fmt: skip
        with self.settings.open("a") as file:
            file.write(more)  # of a setting that comes twice the last counts


def _as_java_reads(cert: trustme.LeafCert) -> bytes:
    """Key and certificate in one file; Java wants the key as PKCS #8."""
    key = load_pem_private_key(cert.private_key_pem.bytes(), None)
    chain = b"".join(one.bytes() for one in cert.cert_chain_pems)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain
