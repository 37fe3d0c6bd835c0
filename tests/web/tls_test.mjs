// HTTPS: the pages, the cookies and the WebSocket over TLS, with a certificate made here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { chromiumPath, Desks } from './pages.mjs';
import { bin, equal, finish, holds, Server, skip, test } from './support.mjs';

const folder = mkdtempSync(join(tmpdir(), 'uhoh-tls-'));
const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
  '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate]);
if (made.status !== 0 || !existsSync(`${bin}/uhohd`)) {
  skip('everything', `openssl or ${bin}/uhohd is missing`);
  finish();
}
const server = await new Server([`web.certificate=${certificate}`, `web.key=${key}`]).start();
const port = server.ports['web.http'], ca = readFileSync(certificate);
const user = await server.addUser('secret', { nick: 'Anna' });

/** A request of a program that trusts this certificate and no other. */
function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const data = body === undefined ? '' : JSON.stringify(body);
    const request = https.request({ host: '127.0.0.1', port, path, method, ca, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(data), ...headers } }, (response) => {
      let text = '';
      response.on('data', (d) => { text += d; }).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(data);
  });
}
const handshake = (options) => new Promise((resolve) => {
  const socket = tls.connect({ host: '127.0.0.1', port, ca, ...options }, () => { resolve(socket.getProtocol()); socket.destroy(); });
  socket.on('error', (error) => resolve(error.code));
});

await test('the API answers over TLS, and its cookies stay there', async () => {
  equal((await call('GET', '/healthz')).status, 200);
  const answer = await call('POST', '/api/v1/login', { uin: user, password: 'secret' });
  equal(answer.status, 200);
  const cookie = answer.headers['set-cookie'][0];
  for (const word of ['Secure', 'HttpOnly', 'SameSite=Strict']) holds(cookie.includes(word), `${word} in ${cookie}`);
  const session = { Cookie: cookie.split(';')[0], 'X-CSRF-Token': JSON.parse(answer.text).csrf };
  equal((await call('POST', '/api/v1/tokens', { name: 'bot' }, { ...session, Origin: `https://127.0.0.1:${port}` })).status, 201, 'its own page may');
  equal((await call('POST', '/api/v1/tokens', { name: 'bot' }, { ...session, Origin: 'https://evil.example' })).status, 403);
  holds((await call('POST', '/api/v1/logout', {}, session)).headers['set-cookie'][0].includes('Secure'), 'also the one that ends');
});

await test('TLS is 1.2 or 1.3, and nothing is said without it', async () => {
  equal(await handshake({ minVersion: 'TLSv1.3' }), 'TLSv1.3');
  equal(await handshake({ maxVersion: 'TLSv1.2' }), 'TLSv1.2');
  holds(!String(await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).startsWith('TLSv1'), 'no older');
  const plain = await new Promise((resolve) => http.get({ host: '127.0.0.1', port, path: '/healthz' }, (r) => resolve(r.statusCode)).on('error', (e) => resolve(e.code)));
  equal(typeof plain, 'string', `without TLS: ${plain}`);
});

if (!existsSync(chromiumPath)) skip('the web client over TLS', `${chromiumPath} is missing`);
else await test('the web client talks over wss', async () => {
  const desks = await new Desks(server, { ignoreHTTPSErrors: true }).launch();
  const page = await desks.newPage();
  const sockets = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(server.url);
  await page.fill('input[name=number]', String(user));
  await page.fill('input[name=password]', 'secret');
  await page.click('form .primary');
  await page.waitForSelector('.desk');
  await desks.online(page);
  equal(sockets, [`wss://127.0.0.1:${port}/api/v1/socket`]);
  await page.reload();
  await page.waitForSelector('.desk');
  await desks.online(page);
  const [cookie] = await page.context().cookies();
  equal([cookie.secure, cookie.httpOnly, cookie.sameSite], [true, true, 'Strict']);
  await server.restart();
  await page.waitForSelector('.notice');
  await desks.online(page);
  equal(desks.problems, []);
  await desks.close();
});

await server.end();
rmSync(folder, { recursive: true, force: true });
finish();
