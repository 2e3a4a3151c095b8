#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server for the tests, on the loopback address and a free port.

smtp-server.py DIR [--tls CERT KEY] [--login USER PASSWORD]

Each message goes to DIR/N.eml, its envelope to DIR/N.env, what it says when it is
parsed to files of DIR/N.d; what clients said in clear to DIR/wire. Writes the port to DIR/port once it listens. What it
does wrong is the word in DIR/fault, read for each session: see FAULTS.
"""
import argparse
import asyncio
import email
import email.policy
import io
import logging
import os
import shutil
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, syntax

FAULTS = {
    "": "nothing",
    "rcpt-550": "refuses recipients that begin with bad",
    "rcpt-451": "refuses all recipients for now",
    "data-hang": "never answers the message",
    "data-drop": "takes the message and drops the connection",
    "data-554": "refuses the message after it was sent",
    "data-452": "has no room after it was sent",
    "greet-554": "greets with a refusal",
    "greet-hang": "says nothing",
}


def parsed(content):
    """The values of each header by its name in small letters, "headers" (the names), "defects", and "body"."""
    m = email.message_from_binary_file(io.BytesIO(content), policy=email.policy.default)
    out = {}
    for name in m.keys():
        out[name.lower()] = "".join("%s\n" % v for v in m.get_all(name, []))
    # As it is read: blanks that format=flowed puts before lines are none of them.
    flowed = m.get_param("format") == "flowed"
    lines = m.get_content().splitlines(True)
    out["body"] = "".join(x[1:] if flowed and x.startswith(" ") else x for x in lines)
    out["headers"] = " ".join(m.keys()) + "\n"
    out["defects"] = " ".join(type(d).__name__ for d in m.defects) + "\n"
    return out


class Handler:
    def __init__(self, directory):
        self.directory = directory
        self.count = len([f for f in os.listdir(directory) if f.endswith(".eml")])

    def fault(self):
        try:
            with open(os.path.join(self.directory, "fault")) as f:
                return f.read().strip()
        except FileNotFoundError:
            return ""

    def ignored(self, content):
        """DIR/ignore names what X-Xsabot-Status may be of messages that are taken and not kept."""
        try:
            with open(os.path.join(self.directory, "ignore"), "rb") as f:
                return any(b"\r\nX-Xsabot-Status: " + w + b"\r\n" in content for w in f.read().split())
        except FileNotFoundError:
            return False

    def store(self, session, envelope):
        if self.ignored(envelope.original_content):
            return
        self.count += 1
        base = os.path.join(self.directory, "%03d" % self.count)
        with open(base + ".env", "w") as f:
            f.write("tls %s\n" % ("yes" if session.ssl else "no"))
            f.write("login %s\n" % (session.authenticated or "no"))
            f.write("from %s\n" % envelope.mail_from)
            for rcpt in envelope.rcpt_tos:
                f.write("to %s\n" % rcpt)
        shutil.rmtree(base + ".d", ignore_errors=True)
        os.mkdir(base + ".d")
        for name, text in parsed(envelope.original_content).items():
            with open(os.path.join(base + ".d", name), "w", encoding="utf-8", errors="surrogateescape") as f:
                f.write(text)
        with open(base + ".tmp", "wb") as f:
            f.write(envelope.original_content)
        os.rename(base + ".tmp", base + ".eml")

    async def handle_RCPT(self, server, session, envelope, address, options):
        fault = self.fault()
        if fault == "rcpt-451":
            return "451 later"
        if fault == "rcpt-550" and address.startswith("bad"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = self.fault()
        if fault == "data-554":
            return "554 not wanted"
        if fault == "data-452":
            return "452 no room"
        if fault == "data-hang":
            await asyncio.sleep(3600)
        self.store(session, envelope)
        if fault == "data-drop":
            server.transport.abort()
            await asyncio.sleep(3600)
        return "250 taken"


class Server(SMTP):
    async def _handle_client(self):
        fault = self.event_handler.fault()
        if fault == "greet-554":
            self._writer.write(b"554 go away\r\n")
            await self._writer.drain()
            self.transport.close()
            return
        if fault == "greet-hang":
            await asyncio.sleep(3600)
        await super()._handle_client()

    def data_received(self, data):
        if not (self.session and self.session.ssl):
            with open(os.path.join(self.event_handler.directory, "wire"), "ab") as f:
                f.write(data)
        return super().data_received(data)


async def main():
    p = argparse.ArgumentParser()
    p.add_argument("directory")
    p.add_argument("--tls", nargs=2)
    p.add_argument("--login", nargs=2)
    args = p.parse_args()
    context = None
    if args.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*args.tls)

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login == args.login[0].encode() and data.password == args.login[1].encode()
        return AuthResult(success=good, handled=False, auth_data=args.login[0] if good else None)

    def factory():
        return Server(Handler(args.directory), hostname="localhost", tls_context=context,
                      decode_data=False, enable_SMTPUTF8=False, require_starttls=False,
                      authenticator=authenticate if args.login else None,
                      auth_required=bool(args.login), auth_require_tls=bool(context))

    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)
    port = os.path.join(args.directory, "port")
    with open(port + ".tmp", "w") as f:
        f.write("%d\n" % server.sockets[0].getsockname()[1])
    os.rename(port + ".tmp", port)
    await server.serve_forever()


logging.disable(logging.CRITICAL)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
