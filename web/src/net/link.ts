// The WebSocket: comes back by itself, sends again what was not acknowledged, acknowledges what is kept.
import type { Store } from './store';

export type Frame = { op: string; seq?: number; re?: number; [member: string]: unknown };
export type LinkState = 'connecting' | 'online' | 'offline' | 'elsewhere' | 'logged_out';

export interface LinkEvents {
  state(state: LinkState): void;
  /** Anything but acknowledgements. What has a number is acknowledged when this resolves. */
  frame(frame: Frame): Promise<void> | void;
  /** A message was acknowledged, or refused. */
  settled(seq: number, ok: boolean): Promise<void> | void;
  hello(): { status: string; invisible: boolean };
  /** The session was refused: is the log-in still good? */
  refused(): Promise<boolean>;
}

// Questions have numbers far from those of messages.
const firstQuery = 0x70000000;
const resendAfter = 8000;
const shortestWait = 500;
const longestWait = 20000;

export class Link {
  private socket?: WebSocket;
  private attempts = 0;
  private timer = 0;
  private stopped = false;
  private welcomed = false;
  private nextQuery = 1;
  private answers = new Map<number, { resolve: (frames: Frame[]) => void; frames: Frame[]; timer: number; last: (f: Frame) => boolean }>();
  private sentAt = new Map<number, number>();
  private resender = 0;
  private handling: Promise<void> = Promise.resolve();

  constructor(private readonly store: Store, private readonly on: LinkEvents) {
    addEventListener('online', this.wakeUp);
    document.addEventListener('visibilitychange', this.wakeUp);
  }

  start(): void {
    this.stopped = false;
    this.connect();
    this.resender = window.setInterval(() => void this.sendWaiting(), 2000);
  }
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.resender);
    removeEventListener('online', this.wakeUp);
    document.removeEventListener('visibilitychange', this.wakeUp);
    this.socket?.close();
  }
  /** Connects at once, after somebody else took the session. */
  takeOver(): void {
    this.stopped = false;
    this.attempts = 0;
    this.connect();
  }
  get online(): boolean { return this.welcomed; }

  private wakeUp = (): void => {
    if (!this.stopped && !this.socket && document.visibilityState === 'visible') {
      this.attempts = 0;
      this.connect();
    }
  };

  private connect(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.socket) return;
    this.on.state('connecting');
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/socket`);
    this.socket = socket;
    socket.onopen = () => void this.sayHello(socket);
    // One frame after the other: a message is kept before the next is looked at.
    socket.onmessage = (event) => { this.handling = this.handling.then(() => this.take(socket, String(event.data))).catch(() => socket.close()); };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      const opened = this.welcomed;
      this.socket = undefined;
      this.welcomed = false;
      for (const { resolve, timer } of this.answers.values()) { clearTimeout(timer); resolve([]); }
      this.answers.clear();
      if (this.stopped) return;
      this.on.state('offline');
      if (opened) this.attempts = 0;
      void this.later();
    };
  }

  private async later(): Promise<void> {
    // A handshake that fails tells nothing: ask whether the log-in still holds.
    if (this.attempts > 0 && !(await this.on.refused())) {
      this.stopped = true;
      return this.on.state('logged_out');
    }
    const wait = Math.min(longestWait, shortestWait * 2 ** this.attempts) * (0.7 + 0.6 * Math.random());
    this.attempts++;
    this.timer = window.setTimeout(() => this.connect(), wait);
  }

  private async sayHello(socket: WebSocket): Promise<void> {
    const seq = (await this.store.meta<number>('seq')) ?? 0;
    socket.send(JSON.stringify({ op: 'hello', seq, ...this.on.hello() }));
  }

  private async take(socket: WebSocket, text: string): Promise<void> {
    const frame = JSON.parse(text) as Frame;
    switch (frame.op) {
      case 'ack':
        if (frame.seq! < firstQuery) await this.settle(frame.seq!, true);
        return;
      case 'welcome':
        this.welcomed = true;
        this.sentAt.clear();
        this.on.state('online');
        await this.on.frame(frame);
        void this.sendWaiting();
        return;
      case 'kicked':
        this.stopped = true;
        this.on.state('elsewhere');
        return;
      case 'refused':
        this.stopped = true;
        this.on.state('logged_out');
        return;
    }
    // What comes before the end of an answer has only the question's lower 16 bits.
    const question = frame.re ?? (typeof frame.query === 'number' ? firstQuery + frame.query : undefined);
    const waits = question !== undefined ? this.answers.get(question) : undefined;
    if (waits) {
      waits.frames.push(frame);
      if (waits.last(frame)) {
        clearTimeout(waits.timer);
        this.answers.delete(question!);
        waits.resolve(waits.frames);
      }
      return;
    }
    // Its acknowledgement came before: the message was not delivered after all.
    const undone = frame.op === 'no_user' || frame.op === 'room_changed' || (frame.op === 'error' && frame.kind === 'bad_value');
    if (undone && frame.re && frame.re < firstQuery) {
      await this.settle(frame.re, false);
      return;
    }
    await this.on.frame(frame);
    if (frame.seq !== undefined && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op: 'ack', seq: frame.seq }));
  }

  private async settle(seq: number, ok: boolean): Promise<void> {
    this.sentAt.delete(seq);
    await this.on.settled(seq, ok);
  }

  /** Sends something that is worth nothing later. */
  tell(frame: Frame): boolean {
    if (!this.welcomed || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks, and waits for the frames that answer; none when the connection is gone or the server silent. */
  ask(frame: Frame, last: (frame: Frame) => boolean = () => true, patience = 8000): Promise<Frame[]> {
    const seq = firstQuery + (this.nextQuery = (this.nextQuery % 60000) + 1);
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => {
        const waits = this.answers.get(seq);
        this.answers.delete(seq);
        resolve(waits?.frames ?? []);
      }, patience);
      this.answers.set(seq, { resolve, frames: [], timer, last: (f) => f.op === 'error' || last(f) });
      if (!this.tell({ ...frame, seq })) {
        clearTimeout(timer);
        this.answers.delete(seq);
        resolve([]);
      }
    });
  }

  /** Sends what waits: the same bytes each time, so that the server knows them again. */
  async sendWaiting(): Promise<void> {
    if (!this.welcomed || this.socket?.readyState !== WebSocket.OPEN || this.socket.bufferedAmount > 65536) return;
    const now = Date.now();
    for (const { seq, frame } of await this.store.waiting()) {
      const before = this.sentAt.get(seq);
      if (before !== undefined && now - before < resendAfter) continue;
      if (this.socket?.readyState !== WebSocket.OPEN) return;
      this.sentAt.set(seq, now);
      this.socket.send(frame);
    }
  }
}
