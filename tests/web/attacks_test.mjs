// What attackers do to a web server. The routes come from the server's own list, so that none is forgotten.
import { existsSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { bin, Client, equal, finish, holds, Server, skip, sleep, test, until } from './support.mjs';

if (!existsSync(`${bin}/uhohd`)) {
  skip('everything', `${bin}/uhohd is missing`);
  finish();
}
const server = await new Server(['web.header_time=2s', 'web.connections_per_address=400', 'accounts.throttle_first=30s']).start();
const port = server.ports['web.http'];
const user = await server.addUser('secret'), moderator = await server.addUser('secret'), boss = await server.addUser('secret'), victim = await server.addUser('secret');
await server.setRole(moderator, 'moderator');
await server.setRole(boss, 'administrator');

const clients = { nobody: new Client(server), user: new Client(server), moderator: new Client(server), administrator: new Client(server) };
for (const [role, uin] of [['user', user], ['moderator', moderator], ['administrator', boss]]) equal((await clients[role].logIn(uin, 'secret')).status, 200, role);

const ranks = ['nobody', 'user', 'moderator', 'administrator', 'local'];
const { routes } = (await clients.nobody.call('GET', '/api/v1/routes')).json;
const document = (await clients.nobody.call('GET', '/api/v1/openapi.json')).json;
const fill = (path) => path.replace('{uin}', victim).replace('{contact}', user).replace('{cidr}', '198.51.100.0%2F24').replace('{id}', 'x');

await test(`each of ${routes.length} routes refuses every role below its own`, async () => {
  holds(routes.length > 30, 'there are many routes');
  for (const route of routes) {
    for (const role of ranks.slice(0, ranks.indexOf(route.role))) {
      const answer = await clients[role].call(route.method, fill(route.path), route.method === 'GET' ? undefined : {});
      equal(answer.status, role === 'nobody' ? 401 : 403, `${route.method} ${route.path} as ${role}`);
    }
  }
  equal((await clients.administrator.call('GET', `/api/v1/users/${victim}`)).status, 200, 'the victim is unharmed');
});

await test('a moderator can\'t lock out an administrator', async () => {
  const answer = await clients.moderator.call('PUT', `/api/v1/users/${boss}/suspension`, { until: '2099-01-01' });
  equal(answer.status, 403);
  equal((await clients.administrator.call('GET', '/api/v1/me')).status, 200);
});

await test('tokens of a lower role do no more than their role', async () => {
  for (const role of ['user', 'moderator']) {
    const made = await clients[role].call('POST', '/api/v1/tokens', { name: 'test', role });
    equal(made.status, 201);
    const program = new Client(server);
    program.token = made.json.token;
    for (const route of routes.filter((r) => ranks.indexOf(r.role) > ranks.indexOf(role)))
      equal((await program.call(route.method, fill(route.path), route.method === 'GET' ? undefined : {})).status, 403, `${route.method} ${route.path}`);
    equal((await clients[role].call('POST', '/api/v1/tokens', { name: 'more', role: 'administrator' })).status, 403, 'a token above its maker');
    equal((await clients[role].call('DELETE', `/api/v1/tokens/${made.json.id}`)).status, 204);
    equal((await program.call('GET', '/api/v1/me')).status, 401, 'a revoked token');
  }
});

await test('the document names every route', async () => {
  equal(document.openapi, '3.1.0');
  for (const { method, path } of routes) holds(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`);
});

await test('requests of other sites change nothing', async () => {
  const change = { nick: 'forged' };
  const path = `/api/v1/users/${victim}`;
  const boss = clients.administrator;
  equal((await boss.call('PATCH', path, change, { 'X-CSRF-Token': '' })).status, 403, 'without the token');
  equal((await boss.call('PATCH', path, change, { 'X-CSRF-Token': clients.user.csrf })).status, 403, 'with somebody else\'s');
  equal((await boss.call('PATCH', path, change, { Origin: 'https://evil.example' })).status, 403, 'from another origin');
  equal((await boss.call('PATCH', path, JSON.stringify(change), { 'Content-Type': 'text/plain' })).status, 415, 'as a form would');
  equal((await clients.nobody.call('POST', '/api/v1/login', { uin: user, password: 'secret' }, { Origin: 'https://evil.example' })).status, 403, 'a log-in');
  equal((await boss.call('GET', path)).json.nick, '');
  equal((await boss.call('PATCH', path, { nick: 'own' })).status, 204, 'the own page may');
});

await test('cookies and headers are strict', async () => {
  const fresh = new Client(server);
  const answer = await fresh.logIn(user, 'secret');
  const cookie = answer.headers.get('set-cookie');
  for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/']) holds(cookie.includes(word), word);
  const page = await fresh.call('GET', '/');
  const policy = page.headers.get('content-security-policy');
  for (const word of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) holds(policy.includes(word), word);
  holds(!/unsafe/.test(policy), 'nothing unsafe');
  equal(page.headers.get('x-content-type-options'), 'nosniff');
  equal(answer.headers.get('cache-control'), 'no-store');
});

await test('a session that somebody else chose is never taken over', async () => {
  const fixed = new Client(server);
  fixed.cookie = 'uhoh_session=chosen-by-the-attacker';
  equal((await fixed.logIn(user, 'secret')).status, 200);
  holds(!fixed.cookie.includes('chosen'), 'a new session');
  const attacker = new Client(server);
  attacker.cookie = 'uhoh_session=chosen-by-the-attacker';
  equal((await attacker.call('GET', '/api/v1/me')).status, 401);
  await fixed.call('POST', '/api/v1/logout', {});
  const stolen = new Client(server);
  stolen.cookie = fixed.cookie;
  equal((await stolen.call('GET', '/api/v1/me')).status, 401, 'after the log-out');
});

await test('guessing passwords is slowed down, over every dialect together', async () => {
  const target = await server.addUser('right');
  const guesser = new Client(server);
  const answers = [];
  for (let i = 0; i < 8; i++) answers.push((await guesser.call('POST', '/api/v1/login', { uin: target, password: `wrong${i}` })).status);
  holds(answers.slice(-3).every((s) => s === 429), `refused without a look: ${answers}`);
  equal((await guesser.logIn(target, 'right')).status, 429, 'also the right one, for a while');
  equal((await guesser.logIn(user, 'secret')).status, 200, 'others are not disturbed');
});

await test('paths lead nowhere else', async () => {
  const raw = (target) => new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.end(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', (d) => { text += d; }).on('end', () => resolve(text)).on('error', reject);
  });
  for (const target of ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/../../../etc/passwd', '/..%2fuhoh.db', '//etc/passwd', '/assets/%00', 'http://x/etc/passwd', '/\\..\\..\\etc\\passwd']) {
    const answer = await raw(target);
    holds(/^HTTP\/1\.1 (404|400)/.test(answer), `${target}: ${answer.slice(0, 40)}`);
    holds(!answer.includes('root:'), target);
  }
});

await test('giant bodies and headers are refused', async () => {
  equal((await clients.nobody.call('POST', '/api/v1/login', { uin: user, password: 'x'.repeat(1 << 20) })).status, 413);
  const status = await new Promise((resolve) => {
    http.get({ port, path: '/', headers: { 'X-Long': 'x'.repeat(40000) } }, (r) => { r.resume(); resolve(r.statusCode); }).on('error', () => resolve('closed'));
  });
  holds([431, 'closed'].includes(status), `a giant header: ${status}`);
  equal((await clients.nobody.call('POST', '/api/v1/login', '['.repeat(50000))).status, 400, 'deep nesting');
});

await test('a header that never ends is cut off, and does not keep others out', async () => {
  const slow = Array.from({ length: 100 }, () => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nX-Slow: '));
    socket.ended = new Promise((resolve) => socket.on('close', resolve).on('error', resolve));
    socket.drip = setInterval(() => socket.write('a'), 300);
    return socket;
  });
  await sleep(500);
  equal((await clients.nobody.call('GET', '/healthz')).status, 200, 'others are served');
  const ended = await Promise.race([Promise.all(slow.map((s) => s.ended)).then(() => true), sleep(8000).then(() => false)]);
  for (const s of slow) { clearInterval(s.drip); s.destroy(); }
  holds(ended, 'all cut off after two seconds');
});

/** A WebSocket by hand: Node 18 has none. */
export function openSocket(client, { origin, autoHello = true } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', path: '/api/v1/socket', headers: {
      Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...(client.cookie ? { Cookie: client.cookie } : {}), ...(origin ? { Origin: origin } : {}) } });
    request.on('upgrade', (_, socket) => {
      const ws = { socket, frames: [], closed: false };
      let input = Buffer.alloc(0);
      socket.on('close', () => { ws.closed = true; }).on('error', () => { ws.closed = true; });
      socket.on('data', (data) => {
        input = Buffer.concat([input, data]);
        for (;;) {
          if (input.length < 2) return;
          let size = input[1] & 127, head = 2;
          if (size === 126) { if (input.length < 4) return; size = input.readUInt16BE(2); head = 4; }
          if (size === 127) { if (input.length < 10) return; size = Number(input.readBigUInt64BE(2)); head = 10; }
          if (input.length < head + size) return;
          if ((input[0] & 15) === 8) socket.end();
          if ((input[0] & 15) === 1) ws.frames.push(JSON.parse(input.subarray(head, head + size).toString()));
          input = input.subarray(head + size);
        }
      });
      ws.send = (text, opcode = 1) => {
        const payload = Buffer.from(typeof text === 'string' ? text : JSON.stringify(text));
        const head = payload.length < 126 ? Buffer.from([128 | opcode, 128 | payload.length]) : Buffer.from([128 | opcode, 128 | 126, payload.length >> 8, payload.length & 255]);
        if (!socket.destroyed) socket.write(Buffer.concat([head, Buffer.alloc(4), payload]));
      };
      if (autoHello) ws.send({ op: 'hello', status: 'online' });
      resolve(ws);
    });
    request.on('response', (response) => { response.resume(); reject(Object.assign(new Error('refused'), { status: response.statusCode })); });
    request.on('error', reject);
    request.end();
  });
}

await test('WebSockets of other sites, and without a log-in, are refused', async () => {
  const refusal = (client, options) => openSocket(client, options).then(() => 'open', (e) => e.status);
  equal(await refusal(clients.nobody), 401);
  equal(await refusal(clients.user, { origin: 'https://evil.example' }), 403);
  const own = await openSocket(clients.user, { origin: `http://127.0.0.1:${port}` });
  await until('the session begins', () => own.frames.some((f) => f.op === 'welcome'));
  own.socket.destroy();
});

await test('a client can\'t speak as the gateway, or for another number', async () => {
  const ws = await openSocket(clients.user);
  await until('the session begins', () => ws.frames.some((f) => f.op === 'welcome'));
  ws.send(`\x01{"op":"login","uin":${boss}}`);
  await until('it is thrown out', () => ws.closed);
  const again = await openSocket(clients.user);
  await until('the session begins', () => again.frames.some((f) => f.op === 'welcome'));
  equal(again.frames.find((f) => f.op === 'welcome').uin, user);
  again.send({ op: 'login', uin: boss });
  await until('it is thrown out for that', () => again.closed);
});

await test('a flood over a WebSocket is bounded, and others are served meanwhile', async () => {
  const ws = await openSocket(clients.user);
  await until('the session begins', () => ws.frames.some((f) => f.op === 'welcome'));
  const frame = { op: 'send', client: 'flooding-client-1', to: victim, kind: 'text', text: 'flood' };
  for (let seq = 1; seq <= 20000; seq++) ws.send({ ...frame, seq });
  const begun = Date.now();
  equal((await clients.moderator.call('GET', '/api/v1/status')).status, 200);
  holds(Date.now() - begun < 5000, 'others are served');
  await sleep(1000);
  const { json } = await clients.administrator.call('GET', `/api/v1/users/${victim}`);
  holds(json.kept_messages <= 1000, `bounded by the inbox: ${json.kept_messages}`);
  ws.socket.destroy();
  const broken = await openSocket(clients.user, { autoHello: false });
  for (const bad of ['{', '[]', '{"op":1}', '{"op":"hello","op":{}}', 'x'.repeat(70000)]) if (!broken.closed) broken.send(bad);
  await until('nonsense ends the connection', () => broken.closed);
  equal((await clients.nobody.call('GET', '/healthz')).status, 200, 'the server lives');
});

await test('what is suspended, or has a new password, is out', async () => {
  const target = await server.addUser('secret');
  const browser = new Client(server);
  await browser.logIn(target, 'secret');
  const ws = await openSocket(browser);
  await until('the session begins', () => ws.frames.some((f) => f.op === 'welcome'));
  await clients.administrator.call('PUT', `/api/v1/users/${target}/password`, { password: 'another' });
  equal((await browser.call('GET', '/api/v1/me')).status, 401, 'the cookie');
  await until('the connection', () => ws.closed);
  equal((await browser.logIn(target, 'another')).status, 200);
  await clients.moderator.call('PUT', `/api/v1/users/${target}/suspension`, { until: '2099-01-01', reason: 'spam' });
  equal((await browser.call('GET', '/api/v1/me')).status, 401);
  const refused = await browser.logIn(target, 'another');
  equal([refused.status, refused.json.error.kind], [403, 'suspended']);
});

await test('who is banned gets nothing', async () => {
  await clients.administrator.call('POST', '/api/v1/bans', { cidr: '127.0.0.2/32', reason: 'test' });
  const answer = await new Promise((resolve) => {
    http.get({ port, host: '127.0.0.1', localAddress: '127.0.0.2', path: '/healthz' }, (r) => { r.resume(); resolve(r.statusCode); }).on('error', () => resolve('closed'));
  });
  equal(answer, 'closed');
  equal((await clients.administrator.call('DELETE', '/api/v1/bans/127.0.0.2%2F32')).status, 204);
});

await test('sessions survive a restart', async () => {
  await server.restart('SIGKILL');
  equal((await clients.user.call('GET', '/api/v1/me')).json.uin, user);
  equal((await clients.administrator.call('GET', '/api/v1/me')).json.role, 'administrator');
});

await server.end();
finish();
