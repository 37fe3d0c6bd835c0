// Runs a whole server for a test, and counts what passed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = new URL('.', import.meta.url).pathname;
export const bin = process.env.UHOH_BIN_DIR ?? join(here, '../../build/release/bin');

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export async function until(what, check, patience = 15000) {
  for (const end = Date.now() + patience; ; await sleep(50)) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${patience} ms: ${what}`);
  }
}

export class Server {
  constructor(settings = []) {
    this.dir = mkdtempSync(join(tmpdir(), 'uhoh-web-'));
    this.settings = settings;
    this.ports = { 'icq.udp': 0, 'oicq.udp': 0, 'oicq.tcp': 0, 'qq.udp': 0, 'qq.tcp': 0, 'web.http': 0 };
  }
  async start() {
    const listen = Object.entries(this.ports).flatMap(([name, port]) => ['--set', `${name}=127.0.0.1:${port}`]);
    const args = ['--data-dir', this.dir, ...listen, '--set', 'accounts.registration=open', '--set', 'accounts.password_memory_kib=8',
      ...this.settings.flatMap((s) => ['--set', s])];
    this.process = spawn(join(bin, 'uhohd'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.log = '';
    this.process.stderr.on('data', (text) => { this.log += text; });
    const ready = join(this.dir, 'uhohd.ready');
    const { listeners } = await until(`the server is ready: ${this.log}`, () => {
      if (this.process.exitCode !== null) throw new Error(`uhohd ended: ${this.log}`);
      try {
        const told = JSON.parse(readFileSync(ready, 'utf8'));
        return told.pid === this.process.pid && told;  // not what a killed server left
      } catch { return null; }
    }, 30000);
    // A restart listens where it did.
    for (const [name, address] of Object.entries(listeners)) this.ports[name] = Number(address.split(':').pop());
    const secure = this.settings.some((s) => s.startsWith('web.certificate='));
    this.url = `${secure ? 'https' : 'http'}://127.0.0.1:${this.ports['web.http']}`;
    return this;
  }
  async stop(signal = 'SIGTERM') {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }
  async restart(signal) {
    await this.stop(signal);
    await this.start();
  }
  /** The administration API over the socket in the data directory, as uhohctl speaks it. */
  api(method, path, body) {
    return new Promise((resolve, reject) => {
      const data = body === undefined ? '' : JSON.stringify(body);
      const request = http.request({ socketPath: join(this.dir, 'uhohd.sock'), method, path, headers: { Host: 'localhost', 'Content-Length': Buffer.byteLength(data) } }, (response) => {
        let text = '';
        response.on('data', (d) => { text += d; }).on('end', () => {
          if (response.statusCode >= 400) return reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
          resolve(text ? JSON.parse(text) : null);
        });
      });
      request.on('error', reject);
      request.end(data);
    });
  }
  /** Makes an account; gives its number. */
  async addUser(password = 'secret', more = {}) { return (await this.api('POST', '/api/v1/users', { password, ...more })).uin; }
  setRole(uin, role) { return this.api('PUT', `/api/v1/users/${uin}/role`, { role }); }
  async end() {
    await this.stop();
    if (existsSync(this.dir)) rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A log-in over HTTP, for tests without a browser. */
export class Client {
  constructor(server) { this.server = server; }
  async call(method, path, body, headers = {}) {
    const response = await fetch(this.server.url + path, {
      method, redirect: 'manual', body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(this.cookie ? { Cookie: this.cookie } : {}),
        ...(this.csrf && method !== 'GET' ? { 'X-CSRF-Token': this.csrf } : {}), ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}), ...headers },
    });
    const text = await response.text();
    let json;
    try { json = JSON.parse(text); } catch { /* text */ }
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    return { status: response.status, json, text, headers: response.headers };
  }
  async logIn(uin, password) {
    const answer = await this.call('POST', '/api/v1/login', { uin, password });
    if (answer.status === 200) this.csrf = answer.json.csrf;
    return answer;
  }
}

/** Stands between browser and server, and can be cut. */
export class Cable {
  constructor(port) {
    this.links = new Set();
    this.whole = true;
    this.listener = net.createServer((near) => {
      if (!this.whole) return near.destroy();
      const far = net.connect(port, '127.0.0.1');
      this.links.add(near).add(far);
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => undefined).on('close', () => { near.destroy(); far.destroy(); });
    });
  }
  plug() { return new Promise((resolve) => this.listener.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${this.listener.address().port}`))); }
  cut() { this.whole = false; for (const end of this.links) end.destroy(); this.links.clear(); }
  mend() { this.whole = true; }
}

let passed = 0, failed = 0, skipped = 0;
export async function test(name, work) {
  const begun = Date.now();
  try {
    await work();
    passed++;
    console.log(`ok      ${name} (${Date.now() - begun} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}
export function skip(name, why) {
  skipped++;
  console.log(`skipped ${name}: ${why}`);
}
export function equal(actual, expected, what = '') {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
}
export function holds(value, what) {
  if (!value) throw new Error(`does not hold: ${what}`);
}
export function finish() {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed ? 1 : 0);
}
