// The web client in Debian's Chromium: what a person does, and what goes wrong meanwhile.
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { chromium } from 'playwright-core';
import { IcqClient, OicqClient } from './old_clients.mjs';
import { bin, equal, finish, holds, Server, skip, sleep, test, until } from './support.mjs';

const here = new URL('.', import.meta.url).pathname;
const chromiumPath = process.env.UHOH_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromiumPath) || !existsSync(`${bin}/uhohd`)) {
  skip('everything', `${chromiumPath} or ${bin}/uhohd is missing`);
  finish();
}

const server = await new Server().start();
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** Stands between browser and server, and can be cut. */
class Cable {
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

const problems = [];
async function open(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (line) => { if (/Content Security Policy/.test(line.text())) problems.push(line.text()); });
  return page;
}
const newPage = async (options = {}) =>
  open(await browser.newContext({ locale: 'en-US', viewport: { width: 1100, height: 740 }, colorScheme: 'light', ...options }));
async function enter(uin, { url = server.url, password = 'secret', ...options } = {}) {
  const page = await newPage(options);
  await page.goto(url);
  await page.fill('input[name=number]', String(uin));
  await page.fill('input[name=password]', password);
  await page.click('form .primary');
  await page.waitForSelector('.desk');
  await online(page);
  return page;
}
const online = (page) => page.waitForSelector('.notice', { state: 'detached' });
async function addByNumber(page, uin) {
  await page.click('text=Find people');
  await page.fill('input[name=number]', String(uin));
  await page.click('text="Search"');
  await page.click('.person >> text="Add"');
}
async function talkTo(page, name) {
  await page.click(`.contact:has-text("${name}")`);
  await page.waitForSelector('.talk');
}
async function say(page, text) {
  await page.fill('.composer textarea', text);
  await page.press('.composer textarea', 'Enter');
}
const said = (page) => page.$$eval('.message .bubble p:first-of-type', (all) => all.map((p) => p.textContent));
const hears = (page, text) => page.waitForSelector(`.message.in:has-text("${text}")`);

const axeSource = readFileSync(new URL(import.meta.resolve('axe-core')).pathname, 'utf8');
async function noSeriousFault(page, where) {
  // The page's own policy forbids scripts from elsewhere: the examiner comes in from outside.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = violations.filter((v) => ['serious', 'critical'].includes(v.impact));
  holds(serious.length === 0, `${where}: ${serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 100) + ' ' + n.failureSummary).join('; ')}`).join('\n')}`);
}

const bob = await server.addUser('secret', { nick: 'Bob' });
const carol = await server.addUser('secret', { nick: 'Carol', authorization: 'required' });
const icqUser = await server.addUser('secret', { nick: 'Veteran' });
const oicqUser = await server.addUser('secret', { nick: 'Ling' });
let alice, pageA, pageB;

await test('somebody registers with a number of her choice', async () => {
  pageA = await newPage();
  await pageA.goto(server.url);
  await noSeriousFault(pageA, 'log-in');
  await pageA.click('text="Register"');
  await pageA.waitForSelector('.number-choice >> nth=3');
  await noSeriousFault(pageA, 'registration');
  const number = await pageA.textContent('.number-choice >> nth=1');
  await pageA.click('.number-choice >> nth=1');
  await pageA.fill('input[name=nick]', 'Alice');
  await pageA.fill('input[name=password]', 'secret');
  await pageA.fill('input[name=again]', 'secret');
  await pageA.click('form .primary');
  await pageA.waitForSelector('.number-given');
  holds((await pageA.textContent('.number-given')).includes(number), 'the number is shown');
  alice = Number(number);
  await pageA.click('.primary');
  await pageA.waitForSelector('.desk');
  await online(pageA);
  await pageA.waitForSelector('.contact:has-text("uhoh")', { timeout: 40000 });  // the greeting
});

await test('two people in two browsers find each other and talk', async () => {
  pageB = await enter(bob);
  await addByNumber(pageB, alice);
  await pageB.click('.person >> text="Write to"');
  await say(pageB, 'Hello Alice :) look at http://example.org/a?b=c');
  await talkTo(pageA, 'Bob');
  await hears(pageA, 'Hello Alice');
  equal(await pageA.getAttribute('.message.in a', 'href'), 'http://example.org/a?b=c');
  holds(await pageA.$('.message.in svg.face'), 'the face is drawn');
  await say(pageA, 'Hello Bob! How is the weather?');
  await hears(pageB, 'weather');
  await pageB.waitForSelector('.state.is-sent');
  await addByNumber(pageA, bob);
  await pageA.waitForSelector('.contact:has-text("Bob") .flower.is-online');
});

await test('states are seen, and an invisible user is offline', async () => {
  await pageB.selectOption('.status-choice select', 'do_not_disturb');
  await pageA.waitForSelector('.contact:has-text("Bob") .flower.is-do_not_disturb');
  await pageB.selectOption('.status-choice select', 'invisible');
  await pageA.waitForSelector('.contact:has-text("Bob") .flower.is-offline');
  await pageB.selectOption('.status-choice select', 'online');
  await pageA.waitForSelector('.contact:has-text("Bob") .flower.is-online');
});

await test('nothing of a nick, a message, an address or a profile becomes a script', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  await talkTo(pageB, String(alice)).catch(() => talkTo(pageB, 'Alice'));
  await say(pageB, evil);
  await pageB.click('button[aria-label="Send a link"]');
  await pageB.fill('input.url', 'javascript:document.title=3');
  await say(pageB, 'click');
  await talkTo(pageA, 'Bob');
  await hears(pageA, '<img src=x');
  await pageA.waitForSelector('.message.in .link');
  equal(await pageA.$('.message.in .link a'), null, 'an address that is no web address');
  await pageB.click('text="Profile"');
  await pageB.fill('input[name=nick]', 'Bob <b>x</b>');
  await pageB.fill('textarea[name=about]', evil);
  await pageB.click('.panel .primary');
  await pageB.waitForSelector('.toast span');
  await pageA.click('summary');
  await pageA.click('.menu-items >> text="Profile"');
  await pageA.waitForSelector('dd:has-text("<img src=x")');
  equal(await pageA.$('dd img, dd script, .bubble img, .bubble script'), null, 'no element of theirs');
  holds(/^(\(\d+\) )?uhoh$/.test(await pageA.title()), 'the title is ours');
});

await test('a profile is changed and seen', async () => {
  await pageB.fill('input[name=nick]', 'Bob');
  await pageB.fill('input[name=city]', 'Bremen');
  await pageB.click('.panel .primary');
  await pageB.waitForSelector('.toast span');
  await pageA.keyboard.press('Escape');
  await talkTo(pageA, 'Bob');
  await pageA.click('summary');
  await pageA.click('.menu-items >> text="Profile"');
  await pageA.waitForSelector('dd:has-text("Bremen")');
  await noSeriousFault(pageA, 'profile');
});

await test('who wants to be asked is asked', async () => {
  const pageC = await enter(carol);
  await addByNumber(pageA, carol);
  await pageA.fill('.person input', 'We met at the fair');
  await pageA.press('.person input', 'Enter');
  await pageC.waitForSelector('.request:has-text("We met at the fair")');
  equal(await pageA.$('.contact:has-text("Carol") .flower.is-online'), null, 'not seen before it is granted');
  await pageC.click('.request >> text="Allow"');
  await pageA.waitForSelector('.contact:has-text("Carol") .flower.is-online');
  await pageC.context().close();
});

await test('somebody on a client of 1998 talks with somebody in a browser', async () => {
  const old = new IcqClient(server.ports['icq.udp'], icqUser);
  await old.logIn('secret', [alice]);
  await old.send(alice, 'uh oh! from 1998');
  await talkTo(pageA, 'Veteran').catch(() => talkTo(pageA, String(icqUser)));
  await hears(pageA, 'from 1998');
  await say(pageA, 'hello from the future');
  await until('the old client hears it', () => old.received.some((m) => m.text === 'hello from the future'));
  equal(old.received.filter((m) => m.text === 'hello from the future').length, 1, 'once');
  old.close();
});

await test('somebody on OICQ talks with somebody in a browser', async () => {
  const old = new OicqClient(server.ports['oicq.tcp'], oicqUser);
  await old.logIn('secret');
  old.send(alice, 'ni hao');
  await talkTo(pageA, 'Ling').catch(() => talkTo(pageA, String(oicqUser)));
  await hears(pageA, 'ni hao');
  await say(pageA, 'greetings');
  await until('the OICQ client hears it', () => old.received.some((m) => m.text.startsWith('greetings')));
  old.close();
});

await test('what is written while the server is away arrives after it has come back, once', async () => {
  await pageB.keyboard.press('Escape');
  await talkTo(pageB, 'Alice').catch(() => talkTo(pageB, String(alice)));
  await talkTo(pageA, 'Bob');
  await server.stop('SIGKILL');
  await pageB.waitForSelector('.notice');
  await say(pageB, 'written in the dark');
  await pageB.waitForSelector('.state.is-waiting');
  const context = pageB.context();
  await pageB.close();  // it survives that, too
  await server.start();
  pageB = await open(context);
  await pageB.goto(server.url);
  await pageB.waitForSelector('.desk');
  await online(pageA);
  await online(pageB);
  await hears(pageA, 'written in the dark');
  await sleep(1500);
  equal((await said(pageA)).filter((t) => t === 'written in the dark').length, 1, 'shown once');
});

await test('a cut cable loses nothing and doubles nothing', async () => {
  const cable = new Cable(server.ports['web.http']);
  const url = await cable.plug();
  const page = await enter(bob, { url });
  await page.click('.contact >> nth=0').catch(() => undefined);
  await page.click('text=Find people');
  await page.fill('input[name=number]', String(alice));
  await page.click('text="Search"');
  await page.click('.person >> text="Write to"');
  for (let i = 0; i < 6; i++) {
    await say(page, `over the cable ${i}`);
    if (i % 2) { cable.cut(); await sleep(120); cable.mend(); }
  }
  await say(pageA, 'answer while it is cut');
  await until('all arrive', async () => (await said(pageA)).filter((t) => t.startsWith('over the cable')).length >= 6, 60000);
  await sleep(1000);
  equal((await said(pageA)).filter((t) => t.startsWith('over the cable')), [0, 1, 2, 3, 4, 5].map((i) => `over the cable ${i}`), 'all, once, in order');
  await hears(page, 'answer while it is cut');
  await page.context().close();
  cable.cut();
  cable.listener.close();
});

await test('the other browser says that one logged in elsewhere, and takes the session back', async () => {
  await pageB.waitForSelector('.notice.is-elsewhere');
  await pageB.click('text="Use it here"');
  await online(pageB);
});

await test('a file goes from browser to browser', async () => {
  await talkTo(pageB, 'Alice').catch(() => talkTo(pageB, String(alice)));
  const content = Buffer.from(Array.from({ length: 30000 }, (_, i) => i % 251));
  await pageB.setInputFiles('input[type=file]', { name: 'flowers.bin', mimeType: 'application/octet-stream', buffer: content });
  await pageA.click('.transfer >> text="Accept"');
  const [download] = await Promise.all([pageA.waitForEvent('download'), pageA.click('.transfer >> text="Save the file"', { timeout: 30000 })]);
  holds(readFileSync(await download.path()).equals(content), 'byte for byte');
});

await test('people are found by name, and who is online is shown', async () => {
  await pageA.click('text=Find people');
  await pageA.fill('input[name=nick]', 'Veteran');
  await pageA.click('text="Search"');
  await pageA.waitForSelector(`.person:has-text("${icqUser}")`);
  await noSeriousFault(pageA, 'find');
});

await test('everything is reached with the keyboard', async () => {
  await pageA.keyboard.press('Escape');
  await until('one can write', () => pageA.evaluate(() => document.activeElement.tagName === 'TEXTAREA'));  // back in the conversation
  await pageA.keyboard.press('Control+k');
  equal(await pageA.evaluate(() => document.activeElement.id), 'filter');
  await pageA.keyboard.type('Bob');
  await pageA.keyboard.press('ArrowDown');
  await pageA.keyboard.press('Enter');
  await pageA.waitForSelector('.talk h1:has-text("Bob")');
  await until('one can write', () => pageA.evaluate(() => document.activeElement.tagName === 'TEXTAREA'));
  await pageA.keyboard.press('Escape');
  await pageA.fill('#filter', '');
});

await test('it looks right light, dark, on a phone, and in three languages', async () => {
  await talkTo(pageA, 'Bob');
  await noSeriousFault(pageA, 'conversation');
  await pageA.emulateMedia({ colorScheme: 'dark' });
  await noSeriousFault(pageA, 'conversation, dark');
  await pageA.emulateMedia({ colorScheme: 'light' });
  await pageA.setViewportSize({ width: 390, height: 780 });
  const overflow = () => pageA.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  holds(!(await overflow()), 'no sideways scrolling');
  await pageA.click('.back');
  holds(!(await overflow()), 'no sideways scrolling of the list');
  await pageA.click('text="Settings"');
  await noSeriousFault(pageA, 'settings');
  for (const [code, word] of [['zh', '设置'], ['ru', 'Настройки'], ['en', 'Settings']]) {
    await pageA.selectOption('.settings select >> nth=0', code);
    await pageA.waitForSelector(`h1:has-text("${word}")`);
    equal(await pageA.getAttribute('html', 'lang'), code);
  }
  await pageA.setViewportSize({ width: 1100, height: 740 });
  await pageA.keyboard.press('Escape');
});

await test('the first page weighs under 100 KB and shows the list within a second', async () => {
  const page = await newPage();
  let bytes = 0;
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await page.goto(server.url);
  await page.waitForSelector('form');
  await sleep(300);
  holds(bytes > 1000 && bytes < 100 * 1024, `${bytes} bytes`);
  console.log(`        first page: ${bytes} bytes over the wire`);
  await page.context().addCookies(await pageB.context().cookies());
  const times = [];
  for (let i = 0; i < 5; i++) {
    const begun = Date.now();
    await page.goto(server.url);
    await page.waitForSelector('.list');
    times.push(Date.now() - begun);
  }
  console.log(`        contact list after ${times.join(', ')} ms`);
  holds(Math.min(...times) < 1000, `the list after ${times} ms`);
  await page.context().close();
});

await test('logging out forgets the session', async () => {
  await pageA.click('text="Settings"');
  await pageA.click('text="Log out"');
  await pageA.waitForSelector('.door');
  await pageA.reload();
  await pageA.waitForSelector('.door');
});

await test('no page threw, and none broke its own policy', async () => { equal(problems, []); });

await browser.close();
await server.end();
finish();
