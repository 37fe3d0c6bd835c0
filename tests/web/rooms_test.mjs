// Group chats in the web client: two browsers, somebody on a client of 1998, and somebody on OICQ in one room.
import { IcqClient, OicqClient } from './old_clients.mjs';
import { Desks } from './pages.mjs';
import { Cable, Client, equal, finish, holds, Server, sleep, test, until } from './support.mjs';

await Desks.orSkip();
const server = await new Server().start();
const desks = await new Desks(server).launch();
const { noSeriousFault, online, addByNumber, talkTo, say, said, hears } = desks;

const people = {};
for (const [nick, more] of [['Anna'], ['Bruno'], ['Mirabel'], ['Ling'], ['Yusuf', { authorization: 'required' }], ['Eve']])
  people[nick] = await server.addUser('secret', { nick, ...more });
const old = new IcqClient(server.ports['icq.udp'], people.Mirabel);
await old.logIn('secret', [people.Anna]);
const ling = new OicqClient(server.ports['oicq.tcp'], people.Ling);
await ling.logIn('secret');
const cable = new Cable(server.ports['web.http']);
const anna = await desks.enter(people.Anna);
const bruno = await desks.enter(people.Bruno, { url: await cable.plug() });
for (const page of [anna, bruno]) page.on('dialog', (dialog) => dialog.accept());
let room;

const authors = (page) => page.$$eval('.message.in .author', (all) => all.map((one) => one.textContent));
const member = (page, name) => page.waitForSelector(`.member:has-text("${name}")`);
async function withMember(page, name, action) {
  await page.click(`.member:has-text("${name}") summary`);
  await page.click(`.member:has-text("${name}") >> text="${action}"`);
}
async function find(page, number) {
  await page.click('text=Find people');
  await page.fill('input[name=number]', String(number));
  await page.click('text="Search"');
}

await test('somebody makes a group chat, with friends and by number', async () => {
  await addByNumber(anna, people.Bruno);
  await anna.click('button[aria-label="Make a group chat"]');
  await noSeriousFault(anna, 'making a group chat');
  await anna.fill('input[name=name]', 'Friday walk');
  await anna.fill('textarea[name=notice]', 'We meet at the old mill.');
  await anna.fill('textarea[name=description]', 'Walks along the river');
  await anna.check('.choice label:has-text("Bruno") input');
  await anna.fill('input[name=others]', `${people.Mirabel}, ${people.Ling}, ${people.Yusuf}`);
  await anna.click('text="Make it"');
  await anna.waitForSelector('.talk h1:has-text("Friday walk")');
  for (const name of ['Anna', 'Bruno', 'Mirabel', 'Ling']) await member(anna, name);
  await anna.waitForSelector('.room-side:has-text("We meet at the old mill.")');
  await anna.waitForSelector('.member:has-text("Anna") .role.is-owner');
  equal(await anna.$('.member:has-text("Yusuf")'), null, 'who wants to be asked is not added');
  await anna.waitForSelector(`.toast:has-text("${people.Yusuf}")`);
  room = Number(await anna.textContent('.talk .own-number'));
  holds(room >= 2_000_000_000, `its number: ${room}`);
});

await test('everybody reads what one writes, whatever their client', async () => {
  await talkTo(bruno, 'Friday walk');
  await bruno.waitForSelector('.room-said:has-text("You are in this group chat now")');
  await until('the old clients are told', () => old.received.some((m) => m.from === room && m.text.includes('Friday walk')) && ling.received.some((m) => m.from === room));
  await say(anna, 'Who comes on Friday? :)');
  await hears(bruno, 'Who comes on Friday?');
  equal(await authors(bruno), ['Anna']);
  holds(await bruno.$('.message.in svg.face'), 'the face is drawn');
  await until('ICQ', () => old.received.some((m) => m.from === room && m.text === `Anna (${people.Anna}): Who comes on Friday? :)`));
  await until('OICQ', () => ling.received.some((m) => m.from === room && m.text.startsWith(`Anna (${people.Anna}): Who comes`)));
  await anna.waitForSelector('.state.is-sent');
  await old.send(room, 'I do, from 1998');
  ling.send(room, 'wo ye qu');
  for (const page of [anna, bruno]) {
    await hears(page, 'I do, from 1998');
    await hears(page, 'wo ye qu');
  }
  equal((await authors(anna)).sort(), ['Ling', 'Mirabel'], 'who wrote what');
  equal((await said(bruno)).filter((t) => t.startsWith('Who comes')).length, 1, 'once');
  await noSeriousFault(anna, 'group chat');
});

await test('unread messages are counted, and the history stays', async () => {
  await bruno.keyboard.press('Escape');
  await say(anna, 'one');
  await say(anna, 'two');
  await bruno.waitForSelector('.contact:has-text("Friday walk") .unread:text-is("2")');
  holds(/^\(\d+\) uhoh$/.test(await bruno.title()), 'the title counts them, too');
  await bruno.reload();
  await online(bruno);
  await bruno.waitForSelector('.contact:has-text("Friday walk") .unread:text-is("2")');
  await talkTo(bruno, 'Friday walk');
  await hears(bruno, 'Who comes on Friday?');
  equal((await said(bruno)).slice(-2), ['one', 'two'], 'in order');
  await bruno.waitForSelector('.contact:has-text("Friday walk") .unread', { state: 'detached' });
});

await test('nothing of a name or a message becomes a script', async () => {
  const evil = '<img src=x onerror="document.title=1">';
  await say(bruno, evil);
  await hears(anna, '<img src=x');
  equal(await anna.$('.bubble img, .room-side img'), null);
});

await test('a cut cable and a killed server lose nothing and double nothing', async () => {
  for (let i = 0; i < 6; i++) {
    await say(bruno, `over the cable ${i}`);
    if (i % 2) { cable.cut(); await sleep(120); cable.mend(); }
  }
  await say(anna, 'said meanwhile');
  const heard = async () => (await said(anna)).filter((t) => t.startsWith('over the cable'));
  await until('all arrive', async () => (await heard()).length >= 6, 60000);
  await hears(bruno, 'said meanwhile');
  await server.stop('SIGKILL');
  await bruno.waitForSelector('.notice');
  await say(bruno, 'written in the dark');
  await bruno.waitForSelector('.state.is-waiting');
  await server.start();
  await online(anna);
  await online(bruno);
  await hears(anna, 'written in the dark');
  await old.send(room, 'the old client went on');
  await hears(anna, 'the old client went on');
  await sleep(1500);
  equal(await heard(), [0, 1, 2, 3, 4, 5].map((i) => `over the cable ${i}`), 'all, once, in order');
  for (const text of ['written in the dark', 'Who comes on Friday? ', 'one']) equal((await said(anna)).filter((t) => t === text).length, 1, text);
  equal((await said(bruno)).filter((t) => t === 'said meanwhile').length, 1, 'said meanwhile');
});

await test('who wants to join asks, and is let in or not', async () => {
  const eve = await desks.enter(people.Eve);
  await find(eve, room);
  await eve.waitForSelector('.person:has-text("Walks along the river")');
  await noSeriousFault(eve, 'a group chat that was found');
  await eve.click('.person >> text="Join"');
  await eve.fill('.person input[name=reason]', 'I know the mill');
  await eve.press('.person input[name=reason]', 'Enter');
  await anna.waitForSelector('.request:has-text("I know the mill")');
  await anna.reload();  // it is still there
  await anna.waitForSelector('.request:has-text("Eve"):has-text("Friday walk")');
  await online(anna);
  await anna.click('.request >> text="Refuse"');
  await eve.waitForSelector('.contact:has-text("Friday walk") .unread');
  await talkTo(eve, 'Friday walk');
  await eve.waitForSelector('.room-said:has-text("You may not join")');
  await eve.click('.not-in >> text="Join"');
  await anna.click('.request >> text="Allow"');
  await eve.waitForSelector('.room-said:has-text("are in it now")');
  await eve.waitForSelector('.composer');
  await say(eve, 'hello from Eve');
  await talkTo(anna, 'Friday walk');
  await hears(anna, 'hello from Eve');
  await member(anna, 'Eve');
  await eve.context().close();
});

await test('administrators are made, and put people out', async () => {
  await withMember(anna, 'Bruno', 'Make an administrator');
  await anna.waitForSelector('.member:has-text("Bruno") .role.is-administrator');
  await bruno.reload();
  await online(bruno);
  await talkTo(bruno, 'Friday walk');
  await withMember(bruno, 'Eve', 'Put out');
  await bruno.waitForSelector('.member:has-text("Eve")', { state: 'detached' });
  await bruno.click('.room-side >> text="Manage"');
  await noSeriousFault(bruno, 'managing a group chat');
  await bruno.fill('textarea[name=notice]', 'At eight, at the mill.');
  await bruno.click('text="Save"');
  await bruno.waitForSelector('.toast:has-text("Saved")');
  await bruno.fill('input[name=others]', String(people.Eve));
  await bruno.click('form >> button:has-text("Invite")');
  await member(bruno, 'Eve');
  await bruno.waitForSelector('.room-side:has-text("At eight, at the mill.")');
});

await test('a member leaves, and what he writes then is refused', async () => {
  const eve = await desks.enter(people.Eve);
  eve.on('dialog', (dialog) => dialog.accept());
  await talkTo(eve, 'Friday walk');
  await eve.click('.room-side >> text="Leave"');
  await eve.waitForSelector('.contact:has-text("Friday walk")');
  await talkTo(eve, 'Friday walk');
  await eve.waitForSelector('.not-in');
  await eve.context().close();
  const bot = new Client(server);
  await bot.logIn(people.Eve, 'secret');
  bot.token = (await bot.call('POST', '/api/v1/tokens', { name: 'bot' })).json.token;
  const events = await fetch(`${server.url}/api/v1/events`, { headers: { Authorization: `Bearer ${bot.token}` } });
  await until('the bot is online', async () => (await bot.call('POST', '/api/v1/messages', { to: room, text: 'still here?' })).status !== 409);
  const refused = await bot.call('POST', '/api/v1/messages', { to: room, text: 'still here?' });
  equal(refused.status, 403, refused.text);
  equal((await bot.call('POST', '/api/v1/messages', { to: room + 77, text: 'nobody' })).status, 404);
  await events.body.cancel();
});

await test('it looks right in the dark, on a phone, and in three languages', async () => {
  await anna.emulateMedia({ colorScheme: 'dark' });
  await talkTo(anna, 'Friday walk');
  await noSeriousFault(anna, 'group chat, dark');
  await anna.emulateMedia({ colorScheme: 'light' });
  await anna.setViewportSize({ width: 390, height: 780 });
  const overflow = () => anna.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  await anna.waitForSelector('.room-side');
  await noSeriousFault(anna, 'members on a phone');
  await anna.click('button[aria-label="Members"]');
  await anna.waitForSelector('.composer textarea');
  holds(!(await overflow()), 'no sideways scrolling');
  await noSeriousFault(anna, 'group chat on a phone');
  await anna.click('.back');
  holds(!(await overflow()), 'no sideways scrolling of the list');
  for (const [code, word] of [['zh', '群'], ['ru', 'Беседы'], ['en', 'Group chats']]) {
    await anna.evaluate((language) => localStorage.setItem('uhoh.language', language), code);
    await anna.reload();
    await anna.waitForSelector(`h2:has-text("${word}")`);
    holds(!(await anna.textContent('body')).match(/\b(room|role|joining)_[a-z]+/), `a word is missing in ${code}`);
  }
  await anna.setViewportSize({ width: 1100, height: 740 });
});

await test('with the keyboard alone', async () => {
  await online(anna);
  await anna.keyboard.press('Control+k');
  await anna.keyboard.type('Friday');
  await anna.keyboard.press('ArrowDown');
  await anna.keyboard.press('Enter');
  await until('one can write', () => anna.evaluate(() => document.activeElement.tagName === 'TEXTAREA'));
  await anna.keyboard.type('typed blindly');
  await anna.keyboard.press('Enter');
  await hears(bruno, 'typed blindly');
  await anna.fill('#filter', '');
});

await test('its owner ends it, and everybody hears that', async () => {
  await anna.click('.talk summary[aria-label="More"]');
  await anna.click('text="End this group chat"');
  await anna.waitForSelector('.contact:has-text("Friday walk")');
  await bruno.waitForSelector('.room-said:has-text("no longer in this group chat")');
  await bruno.waitForSelector('.not-in');
  await until('ICQ', () => old.received.some((m) => m.from === room && m.text.includes('no longer')));
});

await test('no page threw, and none broke its own policy', async () => { equal(desks.problems, []); });

old.close();
ling.close();
cable.cut();
cable.listener.close();
await desks.close();
await server.end();
finish();
