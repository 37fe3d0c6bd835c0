// Files go through the server in pieces, to web users and to clients of OICQ.
import { signal } from '@preact/signals';
import { openConversation, say, tell } from './state';
import { t } from './i18n';
import type { Frame } from './net/link';

export interface Transfer {
  peer: number; out: boolean; name: string; bytes: number; done: number;
  state: 'offered' | 'running' | 'finished' | 'ended';
  url?: string;
}
export const transfers = signal<Transfer[]>([]);

const pieceBytes = 8 * 1024;
const longestFile = 64 * 1024 * 1024;
const files = new Map<number, File>();
const received = new Map<number, Uint8Array[]>();

function find(peer: number, out: boolean): Transfer | undefined {
  return transfers.value.find((x) => x.peer === peer && x.out === out && (x.state === 'offered' || x.state === 'running'));
}
function update(transfer: Transfer, change: Partial<Transfer>): void {
  transfers.value = transfers.value.map((x) => (x === transfer ? { ...x, ...change } : x));
}

export function offerFile(to: number, file: File): void {
  if (file.size > longestFile || file.size === 0) return say(t('file_too_large'));
  if (find(to, true)) return say(t('one_file'));
  if (!tell({ op: 'offer_file', to, name: file.name, bytes: file.size })) return say(t('no_connection'));
  files.set(to, file);
  transfers.value = [...transfers.value, { peer: to, out: true, name: file.name, bytes: file.size, done: 0, state: 'offered' }];
}

export function answerFile(from: number, allow: boolean): void {
  const transfer = find(from, false);
  if (!transfer) return;
  tell({ op: 'answer_file', from, allow });
  received.set(from, []);
  update(transfer, { state: allow ? 'running' : 'ended' });
}
export function cancelFile(transfer: Transfer): void {
  tell({ op: 'answer_file', from: transfer.peer, allow: false });
  files.delete(transfer.peer);
  received.delete(transfer.peer);
  update(transfer, { state: 'ended' });
}

export function takeFileFrame(frame: Frame): void {
  const from = frame.from as number;
  if (frame.op === 'file_offer') {
    transfers.value = [...transfers.value, { peer: from, out: false, name: frame.name as string, bytes: frame.bytes as number, done: 0, state: 'offered' }];
    void openConversation(from);
  } else if (frame.op === 'file_answer') {
    const transfer = find(from, true) ?? find(from, false);
    if (!transfer) return;
    if (frame.allow && transfer.out) void sendPieces(from);
    else update(transfer, { state: 'ended' });
  } else {
    takePiece(from, frame.part as string);
  }
}

async function sendPieces(to: number): Promise<void> {
  const file = files.get(to);
  if (!file) return;
  for (let at = 0; at < file.size; at += pieceBytes) {
    const transfer = find(to, true);
    if (!transfer) return;
    const piece = new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer());
    if (!tell({ op: 'file_part', to, part: btoa(String.fromCharCode(...piece)) })) return update(transfer, { state: 'ended' });
    update(transfer, { state: 'running', done: Math.min(file.size, at + pieceBytes) });
    // The flood limit of the server lets about fifty pieces a second through.
    await new Promise((resume) => setTimeout(resume, 60));
  }
  files.delete(to);
  const transfer = find(to, true);
  if (transfer) update(transfer, { state: 'finished', done: file.size });
}

function takePiece(from: number, base64: string): void {
  const transfer = find(from, false);
  const pieces = received.get(from);
  if (!transfer || !pieces) return;
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  pieces.push(bytes);
  const done = transfer.done + bytes.length;
  if (done < transfer.bytes) return update(transfer, { done });
  received.delete(from);
  // Never shown as a page of this site: only to be saved.
  const url = URL.createObjectURL(new Blob(pieces as BlobPart[], { type: 'application/octet-stream' }));
  update(transfer, { done, state: 'finished', url });
}
