// The least that an ICQ v2 client (UDP) and an OICQ client (TCP) of the time did, as docs/protocol shows it.
import dgram from 'node:dgram';
import net from 'node:net';

export class IcqClient {
  constructor(port, uin) {
    this.port = port;
    this.uin = uin;
    this.seq = 0;
    this.received = [];
    this.seen = new Set();
    this.acknowledged = new Set();
    this.socket = dgram.createSocket('udp4');
    this.socket.on('message', (packet) => this.take(packet));
  }
  packet(command, body) {
    const header = Buffer.alloc(10);
    header.writeUInt16LE(2, 0);
    header.writeUInt16LE(command, 2);
    header.writeUInt16LE(++this.seq, 4);
    header.writeUInt32LE(this.uin, 6);
    return Buffer.concat([header, body]);
  }
  /** Sends until it is acknowledged. */
  async reliably(packet) {
    const seq = packet.readUInt16LE(4);
    for (let i = 0; i < 10 && !this.acknowledged.has(seq); i++) {
      this.socket.send(packet, this.port, '127.0.0.1');
      for (let j = 0; j < 20 && !this.acknowledged.has(seq); j++) await new Promise((r) => setTimeout(r, 50));
    }
    if (!this.acknowledged.has(seq)) throw new Error('the server did not acknowledge');
  }
  async logIn(password, contacts = []) {
    const word = Buffer.from(`${password}\0`, 'latin1'), length = Buffer.alloc(2);
    length.writeUInt16LE(word.length);
    await this.reliably(this.packet(0x03e8, Buffer.concat([Buffer.from('b0040000', 'hex'), length, word,
      Buffer.from('780000000a0000050400000000020000000100000000000800' + '7800', 'hex')])));
    const list = Buffer.alloc(1 + 4 * contacts.length);
    list[0] = contacts.length;
    contacts.forEach((uin, i) => list.writeUInt32LE(uin, 1 + 4 * i));
    await this.reliably(this.packet(0x0406, list));
    await this.reliably(this.packet(0x044c, Buffer.alloc(0)));
  }
  send(to, text, type = 1) {
    const words = Buffer.from(`${text}\0`, 'latin1'), head = Buffer.alloc(8);
    head.writeUInt32LE(to, 0);
    head.writeUInt16LE(type, 4);
    head.writeUInt16LE(words.length, 6);
    return this.reliably(this.packet(0x010e, Buffer.concat([head, words])));
  }
  take(packet) {
    const command = packet.readUInt16LE(2), seq = packet.readUInt16LE(4);
    if (command === 0x000a) return this.acknowledged.add(seq);
    const ack = Buffer.alloc(10);
    ack.writeUInt16LE(2, 0);
    ack.writeUInt16LE(0x000a, 2);
    ack.writeUInt16LE(seq, 4);
    ack.writeUInt32LE(this.uin, 6);
    this.socket.send(ack, this.port, '127.0.0.1');
    if (this.seen.has(seq)) return;
    this.seen.add(seq);
    if (command === 0x0104) this.received.push({ from: packet.readUInt32LE(6), type: packet.readUInt16LE(10), text: packet.subarray(14, -1).toString('latin1') });
    if (command === 0x00dc) this.received.push({ from: packet.readUInt32LE(6), type: packet.readUInt16LE(16), text: packet.subarray(20, -1).toString('latin1') });
  }
  close() { this.socket.close(); }
}

export class OicqClient {
  constructor(port, uin) {
    this.port = port;
    this.uin = uin;
    this.received = [];
    this.offers = [];
    this.answers = [];
    this.file = Buffer.alloc(0);
    this.input = Buffer.alloc(0);
  }
  frame(type, content) {
    const head = Buffer.from('810a010000000000', 'hex');
    head[3] = type;
    head.writeUInt32BE(content.length, 4);
    return Buffer.concat([head, content]);
  }
  text(words) {
    const bytes = Buffer.from(words, 'latin1'), length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  }
  number(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  }
  logIn(password) {
    return new Promise((resolve, reject) => {
      this.socket = net.connect(this.port, '127.0.0.1', () => this.socket.write(this.frame(2, Buffer.concat([this.number(this.uin), this.text(password), Buffer.from([0])]))));
      this.socket.on('error', reject);
      this.socket.on('data', (data) => {
        this.input = Buffer.concat([this.input, data]);
        while (this.input.length >= 8 && this.input.length >= 8 + this.input.readUInt32BE(4)) {
          const size = 8 + this.input.readUInt32BE(4), type = this.input[3], content = this.input.subarray(8, size);
          this.input = this.input.subarray(size);
          if (type === 2) content[0] === 1 ? resolve() : reject(new Error('the log-in was refused'));
          if (type === 0x12) this.offers.push({ from: content.readUInt32BE(0), name: content.subarray(6, 6 + content.readUInt16BE(4)).toString('latin1'), bytes: content.readUInt32BE(content.length - 4) });
          if (type === 0x13) this.answers.push({ from: content.readUInt32BE(0), allow: content[4] === 1 });
          if (type === 0x14) this.file = Buffer.concat([this.file, content.subarray(4)]);
          if (type === 3) this.received.push({ from: content.readUInt32BE(1), text: content.subarray(7, 7 + content.readUInt16BE(5)).toString('latin1') });
        }
      });
    });
  }
  send(to, words) { this.socket.write(this.frame(3, Buffer.concat([this.number(this.uin), this.number(to), this.text(words)]))); }
  offerFile(to, name, bytes) { this.socket.write(this.frame(0x13, Buffer.concat([this.number(this.uin), this.number(to), this.text(name), this.number(bytes)]))); }
  answerFile(from, allow) { this.socket.write(this.frame(0x14, Buffer.concat([this.number(this.uin), this.number(from), Buffer.from([allow ? 1 : 0])]))); }
  sendFile(to, content, piece = 4000) {
    for (let at = 0; at < content.length; at += piece)
      this.socket.write(this.frame(0x15, Buffer.concat([this.number(this.uin), this.number(to), content.subarray(at, at + piece)])));
  }
  close() { this.socket.destroy(); }
}
