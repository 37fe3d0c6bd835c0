// The console for administrators, in Debian's Chromium.
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { IcqClient } from './old_clients.mjs';
import { bin, equal, finish, holds, Server, skip, sleep, test, until } from './support.mjs';

const chromiumPath = process.env.UHOH_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromiumPath) || !existsSync(`${bin}/uhohd`)) {
  skip('everything', `${chromiumPath} or ${bin}/uhohd is missing`);
  finish();
}
const server = await new Server().start();
const boss = await server.addUser('secret', { nick: 'Keeper' });
await server.setRole(boss, 'administrator');
const names = ['Veteran', 'Ling', 'Bob', 'Carol', 'Dmitri'];
const users = [];
for (const nick of names) users.push(await server.addUser('secret', { nick }));
const old = new IcqClient(server.ports['icq.udp'], users[0]), second = new IcqClient(server.ports['icq.udp'], users[1]);
await old.logIn('secret', [users[1]]);
await second.logIn('secret', [users[0]]);

const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
const page = await context.newPage();
page.setDefaultTimeout(20000);
const problems = [];
page.on('pageerror', (error) => problems.push(String(error)));
page.on('dialog', (dialog) => dialog.accept());
const axeSource = readFileSync(new URL(import.meta.resolve('axe-core')).pathname, 'utf8');
async function faultless(where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = violations.filter((v) => ['serious', 'critical'].includes(v.impact));
  holds(serious.length === 0, `${where}: ${serious.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html.slice(0, 120)} ${n.failureSummary}`).join('; ')}`).join('\n')}`);
}
const go = (title) => page.click(`nav >> text="${title}"`);

await test('an administrator logs in, others do not get in', async () => {
  await page.goto(`${server.url}/admin`);
  await page.fill('input[name=number]', String(users[2]));
  await page.fill('input[name=password]', 'secret');
  await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('/api/v1/login')), page.click('.primary')]);
  await page.reload();
  await page.waitForSelector('.error:has-text("neither a moderator")');
  await page.fill('input[name=number]', String(boss));
  await page.fill('input[name=password]', 'secret');
  await page.click('.primary');
  await page.waitForSelector('.console');
});

await test('the overview shows live figures', async () => {
  for (let i = 0; i < 30; i++) await old.send(users[1], `message ${i}`);
  await page.waitForSelector('.plot:has-text("Online") b:text-is("2")');
  await page.waitForSelector('.tiles li:has-text("icq")');
  await sleep(9000);
  await faultless('overview');
});

await test('sessions are listed and kicked', async () => {
  await go('Sessions');
  await page.waitForSelector(`tr:has-text("${users[1]}") >> text=icq`);
  await page.click(`tr:has-text("${users[1]}") >> text="Kick"`);
  await page.waitForSelector(`tr:has-text("${users[1]}")`, { state: 'detached' });
});

await test('addresses are banned, with an end, and let in again', async () => {
  await go('Bans');
  await page.fill('input[name=cidr]', '203.0.113.0/24');
  await page.fill('input[name=reason]', 'spam');
  await page.selectOption('select[name=days]', '7');
  await page.click('text="Ban"');
  await page.waitForSelector('tr:has-text("203.0.113.0/24")');
  holds((await server.api('GET', '/api/v1/bans')).bans.some((b) => b.cidr === '203.0.113.0/24'), 'uhohctl sees the same');
  await faultless('bans');
  await page.click('text="Lift"');
  await page.waitForSelector('tr:has-text("203.0.113.0/24")', { state: 'detached' });
});

await test('a broadcast is previewed and reaches an old client', async () => {
  await go('Broadcast');
  await page.fill('textarea', 'The server will be restarted at noon.');
  await page.click('text="Preview"');
  await page.waitForSelector('[aria-label="Preview"]');
  await page.click('text="Send to all"');
  await page.waitForSelector('text=/Sent to \\d+/');
  await until('the old client shows it', () => old.received.some((m) => m.text.includes('restarted at noon')));
});

await test('a broadcast to many goes out in batches, and other traffic goes on meanwhile', async () => {
  const many = 700;
  await server.api('POST', '/api/v1/user-ranges', { first: 50001, count: many, password: 'secret' });
  const crowd = Array.from({ length: many }, (_, i) => new IcqClient(server.ports['icq.udp'], 50001 + i));
  for (let i = 0; i < many; i += 25) await Promise.all(crowd.slice(i, i + 25).map((one) => one.logIn('secret')));
  const waits = [];
  let over = false;
  const talk = (async () => {
    while (!over) {
      const begun = Date.now();
      await old.send(users[4], 'are you there?');
      waits.push(Date.now() - begun);
    }
  })();
  await page.fill('textarea', 'Everybody reads this once.');
  await page.click('text="Preview"');
  await page.waitForSelector(`[aria-label="Preview"] h2:has-text("${many + 1}")`);
  await page.click('text="Send to all"');
  await page.waitForSelector(`text=/Sent to ${many + 1};/`);
  const heard = (one) => one.received.filter((m) => m.text.includes('reads this once')).length;
  await until('everybody hears it', () => crowd.every((one) => heard(one) > 0), 30000);
  over = true;
  await talk;
  await sleep(500);
  equal(crowd.filter((one) => heard(one) !== 1).length, 0, 'not once');
  holds(waits.length > 0 && Math.max(...waits) < 1500, `a message waited ${Math.max(...waits)} ms`);
  console.log(`        meanwhile ${waits.length} messages were acknowledged after at most ${Math.max(...waits)} ms`);
  for (const one of crowd) one.close();
});

await test('a user is found, changed, suspended, given a password', async () => {
  await go('Users');
  await page.fill('main form input[name=number]', 'carO');
  await page.click('text="Find"');
  await page.waitForSelector('tr:has-text("Dmitri")', { state: 'detached' });
  await page.waitForSelector('tr:has-text("Carol")');
  await page.fill('main form input[name=number]', String(users[3]));
  await page.click('text="Find"');
  await page.waitForSelector(`.one h2:has-text("Carol")`);
  await faultless('users');
  await page.fill('.one input[name=nick]', 'Caroline');
  await page.click('.one >> text="Save"');
  await page.waitForSelector('.one h2:has-text("Caroline")');
  await page.fill('.one input[name=reason]', 'spam');
  await page.click('.one >> text="Suspend"');
  await page.waitForSelector('.one .tag.bad:has-text("spam")');
  await page.click('.one >> text="Lift the suspension"');
  await page.waitForSelector('.one .tag.bad', { state: 'detached' });
  await page.fill('.one input[name=password]', 'changed-now');
  await page.click('.one >> text="Set"');
  await page.waitForSelector('.toast:has-text("password is set")');
});

await test('registration is opened, closed, and by invitation', async () => {
  await go('Registrations');
  await page.check('text="Who has an invitation"');
  await page.waitForSelector('.toast:has-text("Changed")');
  await page.click('text="Make an invitation"');
  const code = await page.textContent('output code');
  const register = (invitation) => fetch(`${server.url}/api/v1/accounts`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ password: 'secret', nick: 'x', invitation }) });
  equal((await register('guess')).status, 403);
  equal((await register(code)).status, 201);
  equal((await register(code)).status, 403, 'only once');
  await page.check('text="Anybody; an administrator approves each"');
  await page.waitForSelector('.toast:has-text("Changed")');
  await sleep(200);
  const { uin, waits_for_approval: waits } = await (await register()).json();
  equal(waits, true);
  await page.reload();
  await page.click(`tr:has-text("${uin}") >> text="Approve"`);
  await page.waitForSelector('text="Nobody waits."');
});

await test('groups that talk together are listed, and ended', async () => {
  await server.api('POST', '/api/v1/rooms', { name: 'Tea <b>', owner: users[0], members: [users[1]] });
  await go('Groups');
  await page.waitForSelector('tr:has-text("Tea <b>")');
  await faultless('groups');
  await page.click('tr:has-text("Tea") >> text="End"');
  await page.waitForSelector('text="There are no groups."');
});

await test('packets of one user are shown live, without passwords, and without text unless that is noted', async () => {
  await go('Packets');
  await page.fill('input[name=target]', String(users[0]));
  await page.click('text="Watch"');
  await sleep(1500);
  await old.send(users[2], 'a very private word');
  await page.waitForSelector('.packets pre:has-text("SEND_MESSAGE")');
  holds(!(await page.textContent('.packets')).includes('private word'), 'the text is hidden');
  await faultless('packets');
  await page.check('text="Show text of messages"');
  await sleep(1500);
  await old.send(users[2], 'a second private word');
  await page.waitForSelector('.packets pre:has-text("second private word")');
  await go('Audit log');
  await page.waitForSelector('tr:has-text("looked at packets with the text")');
  await page.waitForSelector('tr:has-text("Shuts out addresses: 203.0.113.0/24")');
  await page.waitForSelector(`tr:has-text("users/${users[3]}/suspension"):has-text("until")`);
  await faultless('audit log');
});

await test('a moderator sees what he may, and nothing that he may not', async () => {
  await server.setRole(users[4], 'moderator');
  const other = await browser.newContext();
  const his = await other.newPage();
  await his.goto(`${server.url}/admin`);
  await his.fill('input[name=number]', String(users[4]));
  await his.fill('input[name=password]', 'secret');
  await his.click('.primary');
  await his.waitForSelector('.console');
  const titles = await his.$$eval('.console nav li', (all) => all.map((one) => one.textContent));
  equal(titles, ['Overview', 'Users', 'Sessions', 'Groups', 'Bans']);
  await his.click('nav >> text="Users"');
  await his.fill('main form input[name=number]', String(users[3]));
  await his.click('text="Find"');
  await his.waitForSelector('.one h2:has-text("Caroline")');
  equal(await his.$('.error'), null, 'nothing that is refused');
  equal(await his.$('.one >> text="Delete"'), null);
  await his.fill('.one input[name=reason]', 'spam');
  await his.click('.one >> text="Suspend"');
  await his.waitForSelector('.one .tag.bad:has-text("spam")');
  await his.click('.one >> text="Lift the suspension"');
  await his.waitForSelector('.one .tag.bad', { state: 'detached' });
  await other.close();
});

await test('it also looks right in the dark and on a phone', async () => {
  await go('Overview');
  await page.emulateMedia({ colorScheme: 'dark' });
  await sleep(2500);
  await faultless('overview, dark');
  await page.setViewportSize({ width: 390, height: 780 });
  holds(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), 'no sideways scrolling');
});

await test('no page threw', async () => { equal(problems, []); });

old.close();
second.close();
await browser.close();
await server.end();
finish();
