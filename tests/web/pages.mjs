// The web client in Debian's Chromium, driven as a person does it.
import { existsSync, readFileSync } from 'node:fs';
import { bin, finish, holds, skip } from './support.mjs';

export const chromiumPath = process.env.UHOH_CHROMIUM ?? '/usr/bin/chromium';
const axeSource = readFileSync(new URL(import.meta.resolve('axe-core')).pathname, 'utf8');

export class Desks {
  /** Ends the test when there is no browser or no server. */
  static async orSkip() {
    if (existsSync(chromiumPath) && existsSync(`${bin}/uhohd`)) return;
    skip('everything', `${chromiumPath} or ${bin}/uhohd is missing`);
    finish();
  }
  constructor(server, options = {}) {
    this.server = server;
    this.options = options;
    this.problems = [];
  }
  async launch() {
    const { chromium } = await import('playwright-core');
    this.browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    return this;
  }
  async open(context) {
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (line) => { if (/Content Security Policy/.test(line.text())) this.problems.push(line.text()); });
    return page;
  }
  async newPage(options = {}) {
    return this.open(await this.browser.newContext({ locale: 'en-US', viewport: { width: 1100, height: 740 }, colorScheme: 'light', ...this.options, ...options }));
  }
  async enter(uin, { url = this.server.url, password = 'secret', ...options } = {}) {
    const page = await this.newPage(options);
    await page.goto(url);
    await page.fill('input[name=number]', String(uin));
    await page.fill('input[name=password]', password);
    await page.click('form .primary');
    await page.waitForSelector('.desk');
    await this.online(page);
    return page;
  }
  online = (page) => page.waitForSelector('.notice', { state: 'detached' });
  addByNumber = async (page, uin) => {
    await page.click('text=Find people');
    await page.fill('input[name=number]', String(uin));
    await page.click('text="Search"');
    await page.click('.person >> text="Add"');
  };
  talkTo = async (page, name) => {
    await page.click(`.contact:has-text("${name}")`);
    await page.waitForSelector('.talk');
  };
  say = async (page, text) => {
    await page.fill('.composer textarea', text);
    await page.press('.composer textarea', 'Enter');
  };
  said = (page) => page.$$eval('.message .bubble p:first-of-type', (all) => all.map((p) => p.textContent));
  hears = (page, text) => page.waitForSelector(`.message.in:has-text("${text}")`);
  noSeriousFault = async (page, where) => {
    // The page's own policy forbids scripts from elsewhere: the examiner comes in from outside.
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const serious = violations.filter((v) => ['serious', 'critical'].includes(v.impact));
    holds(serious.length === 0, `${where}: ${serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 100) + ' ' + n.failureSummary).join('; ')}`).join('\n')}`);
  };
  close() { return this.browser.close(); }
}
