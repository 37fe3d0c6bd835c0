#!/usr/bin/env node
// Makes docs/images/web-*.png: people who talk, and a console that has something to show.
//
//   UHOH_BIN_DIR=build/release/bin node tests/web/pictures.mjs [FOLDER]
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import readline from 'node:readline';
import { chromium } from 'playwright-core';
import { IcqClient, OicqClient } from './old_clients.mjs';
import { Server, sleep } from './support.mjs';

const folder = process.argv[2] ?? join(new URL('.', import.meta.url).pathname, '../../docs/images');
mkdirSync(folder, { recursive: true });
const server = await new Server(['qq.qr_page="http://127.0.0.1/qr"']).start();
const people = {};
for (const [name, more] of [['Keeper'], ['Anna', { first_name: 'Anna', last_name: 'Lind' }], ['Bruno'], ['Mirabel'], ['Dmitri'], ['Ling'], ['Yusuf', { authorization: 'required' }], ['Rosa']])
  people[name] = await server.addUser('secret', { nick: name, ...more });
await server.setRole(people.Keeper, 'administrator');

const old = {};
for (const name of ['Mirabel', 'Dmitri']) {
  old[name] = new IcqClient(server.ports['icq.udp'], people[name]);
  await old[name].logIn('secret', [people.Anna, people.Mirabel, people.Dmitri]);
}
const ling = new OicqClient(server.ports['oicq.tcp'], people.Ling);
await ling.logIn('secret');
let chatting = true;
const chatter = (async () => {
  for (let i = 0; chatting; i++) {
    const words = 1 + Math.round(3 + 3 * Math.sin(i / 6) + Math.random() * 2);
    for (let j = 0; j < words && chatting; j++) await old.Mirabel.send(people.Dmitri, `about ${j} things`);
    await sleep(500);
  }
})();

const browser = await chromium.launch({ executablePath: process.env.UHOH_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const shoot = async (page, name) => { await sleep(400); await page.screenshot({ path: join(folder, `web-${name}.png`) }); };
async function open(path, width, height) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width, height }, colorScheme: 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(server.url + path);
  return page;
}
async function enter(page, name) {
  await page.fill('input[name=number]', String(people[name]));
  await page.fill('input[name=password]', 'secret');
  await page.click('form .primary');
}
const online = (page) => page.waitForSelector('.notice', { state: 'detached' });
async function add(page, name) {
  await page.click('text=Find people');
  await page.fill('input[name=number]', String(people[name]));
  await page.click('text="Search"');
  await page.click('.person >> text="Add"');
}
async function say(page, text) {
  await page.fill('.composer textarea', text);
  await page.press('.composer textarea', 'Enter');
  await sleep(300);
}

// The console first: its plots want some time.
const admin = await open('/admin', 1200, 800);
await enter(admin, 'Keeper');
await admin.waitForSelector('.console');

const anna = await open('/', 1100, 740);
await shoot(anna, 'log-in');
await anna.click('text="Register"');
await anna.waitForSelector('.number-choice >> nth=3');
await shoot(anna, 'register');
await anna.click('text="I have a number"');
await enter(anna, 'Anna');
await anna.waitForSelector('.desk');
await online(anna);
for (const name of ['Bruno', 'Mirabel', 'Dmitri', 'Rosa', 'Ling']) await add(anna, name);
await anna.click('.contact:has-text("uhoh")');
await sleep(300);

const bruno = await open('/', 1100, 740);
await enter(bruno, 'Bruno');
await bruno.waitForSelector('.desk');
await online(bruno);
await add(bruno, 'Anna');
await bruno.click('.contact:has-text("Anna")');
await anna.click('.contact:has-text("Bruno")');
await say(bruno, 'Hello Anna! I found the old machine in the attic :D');
await say(anna, 'Does it still start?');
await say(bruno, 'It does. And the messenger of 1998 finds this server, too: http://example.org/attic/photos');
await say(anna, 'Then Mirabel can finally write to us from hers :)');
await say(bruno, 'She already has. Listen for the flower sound ;)');
await say(anna, 'I will. See you on Friday?');
await old.Mirabel.send(people.Anna, 'uh oh! it works');
ling.send(people.Anna, 'ni hao');
await bruno.selectOption('.status-choice select', 'away');
await old.Dmitri.send(people.Anna, 'Are we still playing tonight?');
await anna.waitForSelector('.contact:has-text("Dmitri") .unread');
await sleep(6000);  // notes at the edge are gone
await shoot(anna, 'talk');
await anna.emulateMedia({ colorScheme: 'dark' });
await shoot(anna, 'talk-dark');
await anna.emulateMedia({ colorScheme: 'light' });
await anna.setViewportSize({ width: 390, height: 780 });
await shoot(anna, 'phone-talk');
await anna.click('.back');
await shoot(anna, 'phone-list');
await anna.setViewportSize({ width: 1100, height: 740 });
// A group: a browser, two clients of 1998, one of OICQ.
await anna.click('button[aria-label="Make a group chat"]');
await anna.fill('input[name=name]', 'Friday walk');
await anna.fill('textarea[name=notice]', 'At eight, at the old mill. Bring a lamp.');
await anna.fill('textarea[name=description]', 'Walks along the river, in any weather.');
for (const name of ['Bruno', 'Dmitri', 'Ling', 'Mirabel']) await anna.check(`.choice label:has-text("${name}") input`);
await shoot(anna, 'new-room');
await anna.click('text="Make it"');
await anna.waitForSelector('.member:has-text("Mirabel")');
const { room } = (await server.api('GET', '/api/v1/rooms')).rooms[0];
await anna.click('.member:has-text("Bruno") summary');
await anna.click('.member:has-text("Bruno") >> text="Make an administrator"');
await say(anna, 'Who comes on Friday? :)');
await old.Mirabel.send(room, 'I do. The 486 stays at home.');
await sleep(300);
ling.send(room, 'Me too!');
await sleep(300);
await bruno.click('.contact:has-text("Friday walk")');
await bruno.waitForSelector('.talk h1:has-text("Friday walk")');
await say(bruno, 'I bring the tea ;)');
await say(bruno, 'And the map: http://example.org/river/map');
await old.Dmitri.send(room, 'Then I bring the lamp.');
await say(anna, 'See you all at the mill!');
await sleep(6000);
await shoot(anna, 'room');
await anna.setViewportSize({ width: 390, height: 780 });
await anna.click('button[aria-label="Members"]');
await shoot(anna, 'phone-room');
await anna.click('button[aria-label="Members"]');
await anna.setViewportSize({ width: 1100, height: 740 });
await anna.click('text=Find people');
await anna.click('text="Who is online"');
await anna.waitForSelector('.person');
await shoot(anna, 'find');
await anna.click('.status-line >> text="Profile"').catch(() => anna.click('button:text-is("Profile") >> nth=0'));
await anna.fill('input[name=city]', 'Bremen');
await anna.fill('textarea[name=about]', 'Collects modems.');
await anna.$eval('.panel-body', (body) => body.scrollTo(0, 0));
await shoot(anna, 'profile');
await anna.click('text="Settings"');
await shoot(anna, 'settings');

// The page behind the picture of a QQ client.
const client = spawn('python3', [new URL('qq_picture.py', import.meta.url).pathname, '127.0.0.1', String(server.ports['qq.udp'])], { stdio: ['pipe', 'pipe', 'inherit'] });
const code = await new Promise((resolve) => readline.createInterface({ input: client.stdout }).once('line', (line) => resolve(line.split(' ')[1])));
const door = await open(`/qr#${code}`, 520, 720);
await enter(door, 'Anna');
await door.waitForSelector('.asker');
await shoot(door, 'qr');
client.kill();

const go = (title) => admin.click(`nav >> text="${title}"`);
await server.api('POST', '/api/v1/bans', { cidr: '203.0.113.0/24', reason: 'flood', until: '2030-01-01' });
await server.api('POST', '/api/v1/bans', { cidr: '2001:db8:7::/48', reason: 'spam' });
await sleep(120000);
await shoot(admin, 'console-overview');
await go('Sessions');
await admin.waitForSelector('tr:has-text("oicq")');
await shoot(admin, 'console-sessions');
await go('Users');
await admin.fill('main form input[name=number]', String(people.Anna));
await admin.click('text="Find"');
await admin.waitForSelector('.one h2');
await shoot(admin, 'console-users');
await go('Groups');
await admin.waitForSelector('tr:has-text("Friday walk")');
await shoot(admin, 'console-groups');
await go('Registrations');
await admin.click('text="Make an invitation"');
await admin.waitForSelector('output code');
await sleep(6500);  // the note is gone
await shoot(admin, 'console-registrations');
await go('Bans');
await admin.waitForSelector('tr:has-text("203.0.113.0/24")');
await shoot(admin, 'console-bans');
await go('Broadcast');
await admin.fill('textarea', 'The server will be restarted at noon; nobody needs to log in again.');
await admin.click('text="Preview"');
await admin.waitForSelector('[aria-label="Preview"]');
await shoot(admin, 'console-broadcast');
await admin.click('text="Send to all"');
await admin.waitForSelector('text=/Sent to \\d+/');
await sleep(5500);  // the note is gone
await go('Packets');
await admin.fill('input[name=target]', String(people.Mirabel));
await admin.click('text="Watch"');
await admin.waitForSelector('.packets pre');
await sleep(3000);
await shoot(admin, 'console-packets');
await go('Audit log');
await admin.waitForSelector('tr:has-text("broadcasts")');
await shoot(admin, 'console-audit');

chatting = false;
await chatter;
for (const one of [...Object.values(old), ling]) one.close();
await browser.close();
await server.end();
process.exit(0);
