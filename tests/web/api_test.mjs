// What programs use: figures, news, webhooks, bots, uhohctl from elsewhere.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bin, Client, equal, finish, holds, Server, skip, sleep, test, until } from './support.mjs';

if (!existsSync(`${bin}/uhohd`)) {
  skip('everything', `${bin}/uhohd is missing`);
  finish();
}
const run = promisify(execFile);
const calls = [];
const hook = http.createServer((request, response) => {
  let text = '';
  request.on('data', (d) => { text += d; }).on('end', () => {
    calls.push({ path: request.url, token: request.headers.authorization, news: JSON.parse(text) });
    response.writeHead(204).end();
  });
});
await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));
const server = await new Server([`web.webhooks=["http://127.0.0.1:${hook.address().port}/news"]`, 'web.webhook_token=abc']).start();
const user = await server.addUser('secret'), other = await server.addUser('secret'), boss = await server.addUser('secret');
await server.setRole(boss, 'administrator');
const admin = new Client(server), person = new Client(server);
await admin.logIn(boss, 'secret');
await person.logIn(user, 'secret');

/** Reads Server-Sent Events. */
function listen(path, token) {
  const events = [];
  const request = http.get(server.url + path, { headers: { Authorization: `Bearer ${token}` } }, (response) => {
    events.status = response.statusCode;
    let rest = '';
    response.on('data', (data) => {
      rest += data;
      for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) if (rest.startsWith('data: ')) events.push(JSON.parse(rest.slice(6, end)));
    });
  });
  request.on('error', () => undefined);
  events.close = () => request.destroy();
  return events;
}
const token = async (client, name, role) => (await client.call('POST', '/api/v1/tokens', { name, role })).json.token;

await test('the figures are what Prometheus reads', async () => {
  const scraper = new Client(server);
  scraper.token = await token(admin, 'prometheus', 'moderator');
  const { status, text, headers } = await scraper.call('GET', '/metrics');
  equal(status, 200);
  holds(headers.get('content-type').startsWith('text/plain; version=0.0.4'), 'the content type');
  for (const name of ['uhoh_session_sessions', 'process_resident_memory_bytes', 'uhoh_gateway_connections', 'uhoh_session_acknowledgements_timed_total']) holds(text.includes(`\n${name} `), name);
  const dashboard = readFileSync(new URL('../../packaging/grafana/uhoh.json', import.meta.url), 'utf8');
  for (const [name] of dashboard.matchAll(/\b(uhoh|process)_[a-z_]+/g))
    holds(name === 'uhoh_node_sessions_by_dialect' || text.includes(`\n${name}`), `${name}, which the dashboard shows`);
  const promtool = process.env.UHOH_PROMTOOL ?? 'promtool';
  const checked = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (checked.error) skip('promtool check metrics', 'promtool is not installed');
  else equal([checked.status, checked.stderr], [0, ''], 'promtool');
});

await test('anybody may ask whether the server answers, and nothing else', async () => {
  const nobody = new Client(server);
  equal((await nobody.call('GET', '/healthz')).json.status, 'ok');
  equal((await nobody.call('GET', '/metrics')).status, 401);
});

await test('a bot hears over events and answers with POST', async () => {
  const bot = new Client(server);
  bot.token = await token(person, 'bot', 'user');
  equal((await bot.call('POST', '/api/v1/messages', { to: other, text: 'x' })).json.error.kind, 'no_connection');
  const heard = listen('/api/v1/events', bot.token);
  await until('the bot is online', () => heard.some((e) => e.op === 'welcome'));
  const second = new Client(server);
  await second.logIn(other, 'secret');
  const friend = listen('/api/v1/events', await token(second, 'bot', 'user'));
  await until('the other is online', () => friend.some((e) => e.op === 'welcome'));
  equal((await bot.call('POST', '/api/v1/messages', { to: other, text: 'hello from a bot' })).status, 204);
  await until('the other hears it', () => friend.some((e) => e.op === 'message' && e.text === 'hello from a bot' && e.from === user));
  equal((await bot.call('POST', '/api/v1/messages', { to: 1999999, text: 'x' })).status, 404);
  equal((await bot.call('POST', '/api/v1/messages', { to: other, text: '' })).status, 400);
  heard.close();
  friend.close();
});

const tools = ['curl', 'jq'].filter((name) => spawnSync(name, ['--version']).error);
if (tools.length) skip('the bot of docs/web.md', `${tools} is missing`);
else await test('the bot of docs/web.md answers', async () => {
  const page = readFileSync(new URL('../../docs/web.md', import.meta.url), 'utf8');
  const script = page.match(/```sh\n(URL=[^]*?)```/)[1];
  holds(script.trim().split('\n').length <= 10, 'ten lines');
  const bot = await server.addUser('secret', { nick: 'Echo' }), friend = new Client(server);
  const ready = script.replace(/^URL=.*$/m, `URL=${server.url}; TOKEN=$(${join(bin, 'uhohctl')} --data-dir ${server.dir} token add echo --uin ${bot})`);
  const child = spawn('bash', ['-c', ready], { stdio: 'ignore', detached: true });
  await friend.logIn(other, 'secret');
  friend.token = await token(friend, 'friend', 'user');
  const heard = listen('/api/v1/events', friend.token);
  await until('both are online', async () => (await server.api('GET', '/api/v1/sessions')).sessions.filter((s) => [bot, other].includes(s.uin)).length === 2);
  equal((await friend.call('POST', '/api/v1/messages', { to: bot, text: 'is "anybody" there?' })).status, 204);
  await until('it echoes', () => heard.some((e) => e.op === 'message' && e.from === bot && e.text === 'is "anybody" there?'));
  heard.close();
  process.kill(-child.pid);
});

await test('news of the server come over events, and to webhooks', async () => {
  const news = listen('/api/v1/news', await token(admin, 'watcher', 'moderator'));
  await until('listening', () => news.status === 200);
  const refused = listen('/api/v1/news', await token(person, 'nosy', 'user'));
  await until('refused', () => refused.status === 403);
  await admin.call('POST', '/api/v1/bans', { cidr: '198.51.100.0/24' });
  const bot = listen('/api/v1/events', await token(person, 'bot', 'user'));
  await until('a session is news', () => news.some((n) => n.event === 'session.opened' && n.uin === user));
  bot.close();
  await until('its end is news', () => news.some((n) => n.event === 'session.ended' && n.uin === user));
  holds(news.some((n) => n.event === 'admin.action' && n.detail === 'POST /api/v1/bans' && n.uin === boss), 'what an administrator does is news');
  await until('the webhook is called', () => calls.some((c) => c.news.event === 'session.ended'));
  equal([calls[0].path, calls[0].token], ['/news', 'Bearer abc']);
  news.close();
});

await test('uhohctl does from elsewhere what it does on the machine', async () => {
  const secret = await token(admin, 'shell', 'administrator');
  const ctl = async (...args) => (await run(join(bin, 'uhohctl'), ['--url', server.url, '--token', secret, ...args])).stdout;
  holds((await ctl('user', 'show', String(user))).includes(String(user)), 'a user is shown');
  holds((await ctl('ban', 'list')).includes('198.51.100.0/24'), 'the bans');
  holds(/^[\w-]{43}\n$/.test(await ctl('token', 'add', 'more')), 'a token is made');
  const failed = await run(join(bin, 'uhohctl'), ['--url', server.url, '--token', 'wrong', 'user', 'list']).then(() => null, (e) => e);
  equal(failed?.code, 1, 'a wrong token');
});

hook.close();
await sleep(100);
await server.end();
finish();
