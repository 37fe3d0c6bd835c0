// A client of QQ shows a picture; its owner, logged in here, lets it in. And those who would like to be let in instead.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { Desks } from './pages.mjs';
import { Client, equal, finish, holds, Server, sleep, test, until } from './support.mjs';

await Desks.orSkip();
const server = await new Server(['qq.qr_page="http://127.0.0.1/qr"', 'accounts.qq_for_new_accounts=true']).start();
const desks = await new Desks(server).launch();
// Anna registers here, and may log in with QQ because the configuration says so.
const anna = (await new Client(server).call('POST', '/api/v1/accounts', { password: 'secret', nick: 'Anna' })).json.uin;
const [eve, plain] = [await server.addUser('secret', { nick: 'Eve', qq: true }), await server.addUser('secret', { nick: 'Paul' })];

const running = [];
/** A client that shows a picture: its code, and what it has heard. */
async function picture() {
  const child = spawn('python3', [new URL('qq_picture.py', import.meta.url).pathname, '127.0.0.1', String(server.ports['qq.udp'])], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const heard = [];
  readline.createInterface({ input: child.stdout }).on('line', (line) => heard.push(line));
  const code = (await until('a picture', () => heard.find((line) => line.startsWith('code ')))).slice(5);
  return { code, heard, begun: Date.now(), end: () => child.stdin.end('\n') };
}
const loggedIn = async (uin) => {
  const client = new Client(server);
  equal((await client.logIn(uin, 'secret')).status, 200);
  return client;
};
const confirm = (client, code, headers) => client.call('POST', `/api/v1/me/qr/${code}/confirmation`, undefined, headers);
const old = await picture();  // nobody lets this one in

await test('its owner sees who asks, types the code, and lets it in', async () => {
  const asked = await picture();
  const page = await desks.newPage();
  await page.goto(`${server.url}/qr#${asked.code}`);
  await desks.noSeriousFault(page, 'log-in before a confirmation');
  await page.fill('input[name=number]', String(anna));
  await page.fill('input[name=password]', 'secret');
  await page.click('.primary');
  await page.waitForSelector('.asker:has-text("127.0.0.1"):has-text("3639")');
  await page.waitForSelector('.asker:has-text("from which you read this")');
  await desks.noSeriousFault(page, 'confirmation');
  await page.fill('input[name=code]', old.code);
  await page.click('text="Let it in"');
  await page.waitForSelector('.error:has-text("other letters")');
  await sleep(600);
  holds(!asked.heard.some((line) => line.startsWith('scanned')), 'not yet');
  await page.fill('input[name=code]', asked.code.toLowerCase());
  await page.click('text="Let it in"');
  await page.waitForSelector(`.number-given:has-text("${anna}")`);
  await until('the client is in, once', () => asked.heard.includes('once'));
  holds(asked.heard.includes(`scanned ${anna}`) && asked.heard.includes('in'), asked.heard.join());
  const { sessions } = await server.api('GET', '/api/v1/sessions');
  holds(sessions.some((s) => s.uin === anna && s.dialect === 'qq'), 'a session of QQ');
  equal((await confirm(await loggedIn(anna), asked.code)).status, 404, 'a code serves once');
  const { rows } = await server.api('GET', '/api/v1/audit');
  holds(rows.some((r) => r.who === String(anna) && r.what === `POST /api/v1/me/qr/${asked.code}/confirmation` && r.detail.includes('127.0.0.1')), 'the audit log says so');
  await page.goto(`${server.url}/qr`);  // typed instead of read from a picture
  await page.waitForSelector('input[name=code]');
  await page.fill('input[name=code]', old.code);
  await page.click('text="Who asks?"');
  await page.waitForSelector('.asker');
  await page.setViewportSize({ width: 390, height: 780 });
  holds(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), 'no sideways scrolling');
  await page.context().close();
});

await test('nobody lets a client in without being logged in, without the page\'s token, from another site, or with a program\'s token', async () => {
  const client = await loggedIn(eve);
  equal((await confirm(new Client(server), old.code)).status, 401);
  equal((await confirm(client, old.code, { 'X-CSRF-Token': '' })).status, 403);
  equal((await confirm(client, old.code, { 'X-CSRF-Token': (await loggedIn(anna)).csrf })).status, 403, 'somebody else\'s');
  equal((await confirm(client, old.code, { Origin: 'https://evil.example' })).status, 403);
  equal((await client.call('GET', `/api/v1/me/qr/${old.code}/confirmation`)).status, 405, 'a link does nothing');
  const program = new Client(server);
  program.token = (await client.call('POST', '/api/v1/tokens', { name: 'bot' })).json.token;
  equal((await confirm(program, old.code)).status, 403);
  holds(old.heard.at(-1) === 'waiting', 'it waits still');
});

await test('nobody is let in as somebody else', async () => {
  const client = await loggedIn(eve);
  equal((await client.call('PUT', `/api/v1/qr/${old.code}/confirmation`, { uin: anna })).status, 403, 'the administrators\' route');
  const asked = await picture();
  equal((await client.call('POST', `/api/v1/me/qr/${asked.code}/confirmation`, { uin: anna })).status, 204, 'what the body names counts for nothing');
  await until('it is let in', () => asked.heard.some((line) => line.startsWith('scanned')));
  holds(asked.heard.includes(`scanned ${eve}`), asked.heard.join());
  asked.end();
});

await test('a number that may not log in with QQ is not let in so', async () => {
  equal((await confirm(await loggedIn(plain), old.code)).json.error.kind, 'no_qq');
  const page = await desks.newPage();
  await page.goto(`${server.url}/qr#${old.code}`);
  await page.fill('input[name=number]', String(plain));
  await page.fill('input[name=password]', 'secret');
  await page.click('.primary');
  await page.waitForSelector('.asker');
  await page.fill('input[name=code]', old.code);
  await page.click('text="Let it in"');
  await page.waitForSelector('.error:has-text("may not log in with QQ")');
  await page.context().close();
});

await test('guessing codes ends soon', async () => {
  const client = await loggedIn(eve);
  const answers = [];
  for (let i = 0; i < 14; i++) answers.push((await confirm(client, `AAAAAAA${String.fromCharCode(65 + i)}`)).status);
  equal(answers[0], 404);
  equal(answers.slice(-4), [429, 429, 429, 429]);
  equal((await confirm(client, old.code)).status, 429, 'also the right one');
  equal((await (await loggedIn(anna)).call('GET', `/api/v1/me/qr/${old.code}`)).status, 200, 'others may');
});

await test('after two minutes a code is worth nothing', async () => {
  await sleep(Math.max(0, 121_000 - (Date.now() - old.begun)));
  const client = await loggedIn(anna);
  equal((await client.call('GET', `/api/v1/me/qr/${old.code}`)).status, 404);
  equal((await confirm(client, old.code)).status, 404);
  await until('the client hears nothing more', () => old.heard.includes('silence'));
  equal(old.heard.some((line) => line.startsWith('scanned')), false);
});

await test('where the configuration says nothing of pictures there are none', async () => {
  const without = await new Server().start();
  const client = new Client(without);
  await client.logIn(await without.addUser('secret', { qq: true }), 'secret');
  equal((await client.call('GET', '/api/v1/me/qr/ABCDEFGH')).status, 404);
  const child = spawn('python3', [new URL('qq_picture.py', import.meta.url).pathname, '127.0.0.1', String(without.ports['qq.udp'])], { stdio: ['pipe', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (text) => { said += text; });
  await new Promise((resolve) => child.on('exit', resolve));
  equal(said, '', 'no picture');
  await without.end();
});

await test('no page threw, and none broke its own policy', async () => { equal(desks.problems, []); });

for (const child of running) child.kill();
await desks.close();
await server.end();
finish();
