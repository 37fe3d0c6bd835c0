// Files between the web client and OICQ, through the server.
import { readFileSync } from 'node:fs';
import { OicqClient } from './old_clients.mjs';
import { Desks } from './pages.mjs';
import { equal, finish, holds, Server, sleep, test, until } from './support.mjs';

await Desks.orSkip();
const server = await new Server().start();
const desks = await new Desks(server).launch();
const anna = await server.addUser('secret', { nick: 'Anna' }), ling = await server.addUser('secret', { nick: 'Ling' });
const old = new OicqClient(server.ports['oicq.tcp'], ling);
await old.logIn('secret');
const page = await desks.enter(anna);
const content = Buffer.from(Array.from({ length: 50000 }, (_, i) => (i * 7 + (i >> 8)) % 256));
old.send(anna, 'ni hao');
await desks.talkTo(page, 'Ling').catch(() => desks.talkTo(page, String(ling)));

await test('a file goes from a browser to OICQ', async () => {
  await page.setInputFiles('input[type=file]', { name: 'mill.jpg', mimeType: 'image/jpeg', buffer: content });
  await until('it is offered', () => old.offers.length === 1);
  equal(old.offers[0], { from: anna, name: 'mill.jpg', bytes: content.length });
  await page.waitForSelector('.transfer:has-text("Waits for an answer")');
  await desks.noSeriousFault(page, 'an offered file');
  old.answerFile(anna, true);
  await until('all of it came', () => old.file.length >= content.length, 30000);
  holds(old.file.equals(content), 'byte for byte');
  await page.waitForSelector('.transfer:has-text("Done")');
});

await test('a file goes from OICQ to a browser', async () => {
  old.offerFile(anna, 'river.bin', content.length);
  await page.waitForSelector('.transfer:has-text("river.bin")');
  await page.click('.transfer >> text="Accept"');
  await until('it is accepted', () => old.answers.some((a) => a.from === anna && a.allow));
  old.sendFile(anna, content);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.transfer >> text="Save the file"', { timeout: 30000 })]);
  equal(download.suggestedFilename(), 'river.bin');
  holds(readFileSync(await download.path()).equals(content), 'byte for byte');
});

await test('an offer is declined, and a transfer is ended, on either side', async () => {
  old.offerFile(anna, 'no.bin', 100);
  await page.click('.transfer >> text="Decline"');
  await until('OICQ hears it', () => old.answers.some((a) => !a.allow));
  await page.setInputFiles('input[type=file]', { name: 'big.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(3 << 20) });
  await until('it is offered', () => old.offers.length === 2);
  old.answerFile(anna, true);
  await page.waitForSelector('.transfer progress');
  old.answerFile(anna, false);
  await page.waitForSelector('.transfer:has-text("big.bin"):has-text("Ended")');
  const before = old.file.length;
  await sleep(1000);
  holds(old.file.length - before < 300 << 10, 'nothing more comes');
});

await test('a name of a file is only a name', async () => {
  old.offerFile(anna, '../../<b>x</b>.html', 3);
  await page.waitForSelector('.transfer:has-text("<b>x</b>.html")');
  equal(await page.$('.transfer b'), null);
  await page.click('.transfer:has-text("<b>") >> text="Accept"');
  old.sendFile(anna, Buffer.from('<i>'));
  const link = await page.waitForSelector('.transfer:has-text("<b>") a[download]');
  holds((await link.getAttribute('href')).startsWith('blob:') && (await link.getAttribute('download')) !== null, 'saved, never shown as a page of this site');
});

await test('no page threw', async () => { equal(desks.problems, []); });

old.close();
await desks.close();
await server.end();
finish();
