# SPDX-License-Identifier: GPL-2.0-or-later
"""The repositories below a directory over https, by git http-backend.

Arguments: the directory, a file with the server's certificate and key. Writes
its port to DIRECTORY/port when it is ready. Whoever logs in is bot with the
password of DIRECTORY/password, where there is one; with DIRECTORY/redirect,
everybody is sent to the URL in it.
"""
import base64
import http.server
import os
import pathlib
import ssl
import subprocess
import sys

root = pathlib.Path(sys.argv[1])


def text_of(name):
    path = root / name
    return path.read_text().strip() if path.exists() else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def answer(self, status, headers, body=b''):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get('Transfer-Encoding') != 'chunked':
            return self.rfile.read(int(self.headers.get('Content-Length') or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b''.join(chunks)

    def refused(self):
        password = text_of('password')
        login = 'Basic ' + base64.b64encode(f'bot:{password}'.encode()).decode()
        return password and self.headers.get('Authorization') != login

    def serve(self):
        body = self.body()
        if text_of('redirect'):
            return self.answer(301, [('Location', text_of('redirect'))])
        if self.refused():
            return self.answer(401, [('WWW-Authenticate', 'Basic realm="git"')])
        path, _, query = self.path.partition('?')
        env = dict(os.environ, GIT_PROJECT_ROOT=str(root), GIT_HTTP_EXPORT_ALL='1', PATH_INFO=path,
                   QUERY_STRING=query, REQUEST_METHOD=self.command, REMOTE_USER='bot',
                   CONTENT_TYPE=self.headers.get('Content-Type', ''), CONTENT_LENGTH=str(len(body)))
        out = subprocess.run(['git', 'http-backend'], input=body, env=env, capture_output=True).stdout
        head, _, rest = out.partition(b'\r\n\r\n')
        headers = dict(line.split(': ', 1) for line in head.decode().split('\r\n'))
        return self.answer(int(headers.pop('Status', '200').split()[0]), headers.items(), rest)

    do_GET = do_POST = serve


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
(root / 'port.new').write_text(str(server.server_port))
(root / 'port.new').rename(root / 'port')
server.serve_forever()
