#!/usr/bin/env node
// What web clients cost: idle WebSockets in memory, plain and over TLS, and messages a second between browsers' and
// old clients.
//
//   UHOH_BIN_DIR=build/release/bin node bench/web.mjs [--idle 10000] [--pairs 40] [--seconds 10] [--rate 5000]
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { Server, sleep, until } from '../tests/web/support.mjs';

const option = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : Number(process.argv[at + 1]); };
const idle = option('idle', 10000), pairs = option('pairs', 40), seconds = option('seconds', 10), rate = option('rate', 5000);
const roomy = ['web.connections=100000', 'web.connections_per_address=100000', 'limits.address_flood_capacity=100000000', 'limits.address_flood_per_second=100000000',
  'limits.session_flood_capacity=10000000', 'limits.session_flood_per_second=10000000', 'limits.strangers_per_network=10000000', 'limits.strangers_in_all=10000000', 'limits.connections=50000'];

const memory = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) * 1024;
const cpu = (pid) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' '); return (Number(f[13]) + Number(f[14])) / 100; };

async function call(server, path, body) {
  const secure = server.url.startsWith('https');
  return new Promise((resolve, reject) => {
    const data = JSON.stringify(body);
    const request = (secure ? https : http).request(server.url + path, { method: 'POST', rejectUnauthorized: false, agent: server.agent, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(data) } }, (response) => {
      let text = '';
      response.on('data', (d) => { text += d; }).on('end', () => resolve({ status: response.statusCode, cookie: response.headers['set-cookie']?.[0].split(';')[0], text }));
    });
    request.on('error', reject);
    request.end(data);
  });
}

/** A WebSocket that keeps no more than it must. */
async function open(server, uin, onFrame) {
  const { cookie, status, text } = await call(server, '/api/v1/login', { uin, password: 'secret' });
  if (status !== 200) throw new Error(`log-in of ${uin}: ${status} ${text}`);
  const secure = server.url.startsWith('https');
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(server.url + '/api/v1/socket', { rejectUnauthorized: false, agent: false, headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', Cookie: cookie } });
    request.on('upgrade', (_, socket) => {
      const ws = { socket, send(payload, opcode = 1) {
        const bytes = Buffer.from(payload);
        const head = bytes.length < 126 ? Buffer.from([128 | opcode, 128 | bytes.length, 0, 0, 0, 0]) : Buffer.from([128 | opcode, 254, bytes.length >> 8, bytes.length & 255, 0, 0, 0, 0]);
        socket.write(Buffer.concat([head, bytes]));
      } };
      let input = Buffer.alloc(0);
      socket.on('error', () => undefined).on('data', (data) => {
        input = input.length ? Buffer.concat([input, data]) : data;
        for (;;) {
          if (input.length < 2) return;
          let size = input[1], head = 2;
          if (size === 126) { if (input.length < 4) return; size = input.readUInt16BE(2); head = 4; }
          if (input.length < head + size) return;
          const opcode = input[0] & 15, body = input.subarray(head, head + size);
          input = input.subarray(head + size);
          if (opcode === 9) ws.send(body, 10);
          else if (opcode === 1) {
            const text = body.toString();
            if (text.startsWith('{"op":"welcome"')) resolve(ws);
            onFrame?.(ws, text);
          }
        }
      });
      ws.send('{"op":"hello","status":"online"}');
    });
    request.on('response', (r) => reject(new Error(`the WebSocket of ${uin}: ${r.statusCode}`))).on('error', reject);
    request.end();
  });
}

async function idleCost(title, settings) {
  const server = await new Server([...roomy, ...settings]).start();
  server.agent = new (server.url.startsWith('https') ? https : http).Agent({ keepAlive: true, maxSockets: 8 });
  await server.api('POST', '/api/v1/user-ranges', { first: 20000, count: idle, password: 'secret' });
  const pid = server.process.pid;
  // What the first users bring about stays out of the figure.
  const sockets = [];
  for (let i = 0; i < 50; i++) sockets.push(await open(server, 20000 + i));
  await sleep(1000);
  const before = memory(pid), begun = Date.now();
  let next = 50;
  await Promise.all(Array.from({ length: 16 }, async () => { while (next < idle) sockets.push(await open(server, 20000 + next++)); }));
  await sleep(3000);
  const each = (memory(pid) - before) / (idle - 50);
  const used = cpu(pid);
  await sleep(10000);
  console.log(`${title}: ${idle} idle WebSockets, ${(each / 1024).toFixed(2)} KiB each of the process's memory (${(memory(pid) / 1048576).toFixed(0)} MiB in all); opened in ${((Date.now() - begun - 13000) / 1000).toFixed(0)} s; idle ${((cpu(pid) - used) * 10).toFixed(1)} % of a core`);
  for (const ws of sockets) ws.socket.destroy();
  await server.end();
}

/** Web users write to ICQ users and the other way round, and everybody acknowledges. */
async function throughput() {
  const server = await new Server(roomy).start();
  server.agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  await server.api('POST', '/api/v1/user-ranges', { first: 20000, count: 2 * pairs, password: 'secret' });
  let heardByWeb = 0, heardByIcq = 0, acknowledged = 0, sent = 0;
  const webs = [], olds = [];
  for (let i = 0; i < pairs; i++) {
    webs.push(await open(server, 20000 + i, (ws, text) => {
      if (text.startsWith('{"op":"message"')) {
        heardByWeb++;
        ws.send(`{"op":"ack","seq":${/"seq":(\d+)/.exec(text)[1]}}`);
      } else if (text.startsWith('{"op":"ack"')) acknowledged++;
    }));
    const old = { uin: 20000 + pairs + i, seq: 0, socket: dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 }) };
    const packet = (command, body) => {
      const head = Buffer.alloc(10);
      head.writeUInt16LE(2, 0); head.writeUInt16LE(command, 2); head.writeUInt16LE(++old.seq & 0xffff, 4); head.writeUInt32LE(old.uin, 6);
      return Buffer.concat([head, body]);
    };
    const ack = Buffer.from('02000a00000000000000', 'hex');
    ack.writeUInt32LE(old.uin, 6);
    old.in = new Promise((resolve) => old.socket.on('message', (p) => {
      const command = p.readUInt16LE(2);
      if (command === 0x000a) { resolve(); if (old.seq > 3) acknowledged++; return; }
      if (command === 0x0104 && p.readUInt32LE(6) < 20000 + pairs) heardByIcq++;
      const own = Buffer.from(ack);
      own.writeUInt16LE(p.readUInt16LE(4), 4);
      old.socket.send(own, server.ports['icq.udp'], '127.0.0.1');
    }));
    const post = (bytes) => old.socket.send(bytes, server.ports['icq.udp'], '127.0.0.1');
    post(packet(0x03e8, Buffer.concat([Buffer.from('b00400000700', 'hex'), Buffer.from('secret\0'), Buffer.from('780000000a00000504000000000200000001000000000008007800', 'hex')])));
    await old.in;
    post(packet(0x0406, Buffer.from([0])));
    post(packet(0x044c, Buffer.alloc(0)));
    old.say = (to, text) => {
      const words = Buffer.from(`${text}\0`), head = Buffer.alloc(8);
      head.writeUInt32LE(to, 0); head.writeUInt16LE(1, 4); head.writeUInt16LE(words.length, 6);
      post(packet(0x010e, Buffer.concat([head, words])));
    };
    olds.push(old);
  }
  for (const ws of webs) ws.send('{"op":"fetch_stored"}');
  await sleep(3000);
  const pid = server.process.pid, used = cpu(pid), begun = Date.now();
  heardByWeb = heardByIcq = acknowledged = 0;
  let seq = 0;
  while (Date.now() - begun < seconds * 1000) {
    const due = Math.min(rate * seconds, Math.floor(((Date.now() - begun) / 1000) * rate));
    // No more on their way than their clients would have.
    for (; sent < due && sent - heardByWeb - heardByIcq < pairs * 16; sent++) {
      const i = sent % pairs;
      if (Math.floor(sent / pairs) % 2) webs[i].send(`{"op":"send","client":"bench-client-${i}","seq":${++seq},"to":${20000 + pairs + i},"text":"a message of ordinary length, such as people write"}`);
      else olds[i].say(20000 + i, 'a message of ordinary length, such as people write');
    }
    await sleep(2);
  }
  const took = (Date.now() - begun) / 1000;
  await until('all arrive', () => heardByWeb + heardByIcq >= sent * 0.999, 10000).catch(() => undefined);
  console.log(`messages: ${sent} sent in ${took.toFixed(1)} s (${(sent / took).toFixed(0)} a second), ${heardByIcq} heard by ICQ clients, ${heardByWeb} by web clients, ${acknowledged} acknowledged; uhohd used ${((cpu(pid) - used) / took * 100).toFixed(0)} % of a core`);
  for (const ws of webs) ws.socket.destroy();
  for (const old of olds) old.socket.close();
  await server.end();
}

if (idle) {
  await idleCost('plain HTTP', []);
  const folder = (await new Server()).dir;
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  await idleCost('TLS', [`web.certificate=${join(folder, 'cert.pem')}`, `web.key=${join(folder, 'key.pem')}`]);
}
if (rate) await throughput();
process.exit(0);
