// The web client in Debian's Chromium: what a person does, and what goes wrong meanwhile.
import { readFileSync } from 'node:fs';
import { IcqClient, OicqClient } from './old_clients.mjs';
import { Desks } from './pages.mjs';
import { Cable, equal, finish, holds, Server, sleep, test, until } from './support.mjs';

await Desks.orSkip();
const server = await new Server().start();
const desks = await new Desks(server).launch();
const { noSeriousFault, online, addByNumber, talkTo, say, said, hears } = desks;
const open = (context) => desks.open(context);
const newPage = (options) => desks.newPage(options);
const enter = (uin, options) => desks.enter(uin, options);

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
  await pageB.click('.person >> text="Write"');
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

await test('an away message is sent once to each who writes', async () => {
  await pageB.selectOption('.status-choice select', 'away');
  await pageB.fill('.away-text', 'At lunch');
  await pageB.press('.away-text', 'Tab');
  await pageA.keyboard.press('Escape');
  await talkTo(pageA, 'Bob');
  await pageA.waitForSelector('.talk .flower.is-away');
  await say(pageA, 'Are you there?');
  await hears(pageA, 'At lunch');
  await say(pageA, 'Bob?');
  await sleep(1000);
  equal((await said(pageA)).filter((t) => t.includes('At lunch')).length, 1, 'once');
  await pageB.selectOption('.status-choice select', 'online');
  await pageA.waitForSelector('.talk .flower.is-online');
});

await test('who is blocked sees one offline, and is not heard', async () => {
  pageA.on('dialog', (dialog) => dialog.accept());
  await pageA.click('summary');
  await pageA.click('.menu-items >> text="Block"');
  await pageB.keyboard.press('Escape');
  await talkTo(pageB, 'Alice').catch(() => talkTo(pageB, String(alice)));
  await pageB.waitForSelector('.talk .flower.is-offline');
  await say(pageB, 'can you hear me?');
  await pageB.waitForSelector('.state.is-sent');
  await sleep(1000);
  holds(!(await said(pageA)).includes('can you hear me?'), 'not shown');
  await pageA.click('summary');
  await pageA.click('.menu-items >> text="Unblock"');
  await pageB.waitForSelector('.talk .flower.is-online');
  await say(pageB, 'and now?');
  await hears(pageA, 'and now?');
});

await test('what came while one looked elsewhere is unread until one looks', async () => {
  const see = (state) => pageA.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', { value: visible, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await see('hidden');
  await say(pageB, 'psst');
  await pageA.waitForSelector('.contact:has-text("Bob") .unread');
  await see('visible');
  await pageA.waitForSelector('.contact:has-text("Bob") .unread', { state: 'detached' });
});

await test('a draft survives a reload', async () => {
  await pageA.fill('.composer textarea', 'not quite finish');
  await pageA.reload();
  await online(pageA);
  await talkTo(pageA, 'Bob');
  equal(await pageA.inputValue('.composer textarea'), 'not quite finish');
  await pageA.fill('.composer textarea', '');
});

await test('sound and notifications are off until somebody wants them, and the charset of an old client is kept', async () => {
  await pageA.click('text="Settings"');
  for (const name of ['Sound for new messages', 'Notifications']) equal(await pageA.isChecked(`label:has-text("${name}") input`), false, name);
  await pageA.selectOption('label:has-text("Charset") select', 'cp1251');
  await pageA.waitForSelector('.toast:has-text("Saved")');
  await pageA.reload();
  await online(pageA);
  await pageA.click('text="Settings"');
  await until('it is shown', async () => (await pageA.inputValue('label:has-text("Charset") select')) === 'cp1251');
  await pageA.selectOption('label:has-text("Charset") select', 'cp1252');
  await pageA.keyboard.press('Escape');
});

await test('friends stand in groups, on every machine', async () => {
  await pageA.click('button[aria-label="Show my groups"]');
  await pageA.waitForSelector('h2:has-text("Friends")');
  await pageA.click('text="My groups"');
  await pageA.fill('input[aria-label="New group"]', 'Family');
  await pageA.click('form[aria-label="New group"] button');
  await pageA.waitForSelector('h2:has-text("Family")');
  await noSeriousFault(pageA, 'groups of friends');
  await talkTo(pageA, 'Bob');
  await pageA.click('summary');
  await pageA.selectOption('.menu-items select', { label: 'Family' });
  await pageA.waitForSelector('section:has(h2:has-text("Family")) .contact:has-text("Bob")');
  const other = await enter(alice);
  await other.click('button[aria-label="Show my groups"]');
  await other.waitForSelector('section:has(h2:has-text("Family")) .contact:has-text("Bob")');
  await other.context().close();
  await pageA.click('text="Use it here"');
  await online(pageA);
  await pageA.click('text="My groups"');
  await pageA.fill('form[aria-label="Family"] input', 'Relations');
  await pageA.click('form[aria-label="Family"] >> text="Rename"');
  await pageA.waitForSelector('h2:has-text("Relations")');
  await pageA.click('form[aria-label="Relations"] >> text="Remove"');
  await pageA.waitForSelector('h2:has-text("Relations")', { state: 'detached' });
  await pageA.waitForSelector('section:has(h2:has-text("Friends")) .contact:has-text("Bob")');
  await pageA.click('button[aria-label="Show my groups"]');
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
  await page.click('.person >> text="Write"');
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
  await pageA.fill('input[name=nick]', '');
  await pageA.fill('input[name=city]', 'brem');
  await pageA.check('label:has-text("Only who is here") input');
  await pageA.click('text="Search"');
  await pageA.waitForSelector(`.person:has-text("${bob}")`);
  await pageA.click('text="Who is online"');
  await pageA.waitForSelector(`.person:has-text("${alice}")`);
  await pageA.waitForSelector(`.person:has-text("${bob}")`);
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

await test('no page threw, and none broke its own policy', async () => { equal(desks.problems, []); });

await desks.close();
await server.end();
finish();
