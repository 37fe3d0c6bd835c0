// What the pages show, and everything that changes it.
import { batch, computed, signal } from '@preact/signals';
import * as api from './net/api';
import { type Frame, Link, type LinkState } from './net/link';
import { type Contact, Store, type StoredMessage } from './net/store';
import { takeFileFrame } from './files';
import { takeRoomMessage, takeRoomNotice, refreshRooms, rooms } from './rooms';
import { alertAbout } from './alerts';
import { t } from './i18n';

export type Status = 'online' | 'free_for_chat' | 'away' | 'not_available' | 'occupied' | 'do_not_disturb' | 'offline';
export const systemNumber = 10000;
/** The numbers of groups that talk together begin here. */
export const firstRoom = 2_000_000_000;

export const me = signal<api.Me | null>(null);
export const starting = signal(true);
export const linkState = signal<LinkState>('offline');
export const contacts = signal<Map<number, Contact>>(new Map());
export const presence = signal<Map<number, Status>>(new Map());
export const groups = signal<Map<number, string>>(new Map());
export const open = signal<number | null>(null);            // whose conversation is shown
export const messages = signal<StoredMessage[]>([]);        // of that conversation
export const panel = signal<'' | 'find' | 'profile' | 'settings' | 'groups' | 'new_room' | 'room'>('');
export const profileOf = signal<number>(0);
export const toast = signal('');
/** Who asks to be allowed to add one, or to join a room that one runs. */
export interface Request { from: number; text: string; room?: number; nick?: string }
export const requests = signal<Request[]>([]);
/** Whose history has been read. */
export const historyOf = signal<number | null>(null);
/** How many messages of the open conversation are shown. */
export const shownMessages = signal(200);

export const myStatus = signal<Status>('online');
export const invisible = signal(false);
export const awayText = signal('');

export const unread = computed(() => [...contacts.value.values()].reduce((sum, c) => sum + (c.unread ?? 0), 0));
export const isRoom = (uin: number): boolean => uin >= firstRoom;
export const sortedContacts = computed(() => {
  const weight = (c: Contact) => (isRoom(c.uin) || isHere(c.uin) ? 0 : 1);
  return [...contacts.value.values()].sort((a, b) => weight(a) - weight(b) || nameOf(a.uin).localeCompare(nameOf(b.uin)));
});

let store: Store | undefined;
let link: Link | undefined;
const answeredAway = new Set<number>();
const partial = new Map<number, string>();

export function statusOf(uin: number): Status { return presence.value.get(uin) ?? 'offline'; }
export function isHere(uin: number): boolean { return statusOf(uin) !== 'offline'; }
export function nameOf(uin: number): string {
  const contact = contacts.value.get(uin);
  return contact?.nick || (uin === systemNumber ? 'uhoh' : String(uin));
}
export function say(text: string): void {
  toast.value = text;
  window.setTimeout(() => { if (toast.value === text) toast.value = ''; }, 5000);
}

// ---- log-in ---------------------------------------------------------------------------------------------------

export async function begin(): Promise<void> {
  try {
    await enter(await api.whoAmI());
  } catch (error) {
    // A server that is away for a moment is no log-out: what this browser keeps can be read meanwhile.
    const last = Number(localStorage.getItem('uhoh.last'));
    if (error instanceof api.ApiError && error.status === 0 && last) await enter({ uin: last, role: 'user', csrf: '' });
  } finally {
    starting.value = false;
  }
}

export async function enter(who: api.Me): Promise<void> {
  localStorage.setItem('uhoh.last', String(who.uin));
  store = await Store.open(who.uin);
  const known = await store.contacts();
  const asked = (await store.meta<Request[]>('requests')) ?? [];
  const saved = (await store.meta<{ status: Status; invisible: boolean; away: string }>('status')) ?? { status: 'online', invisible: false, away: '' };
  batch(() => {
    me.value = who;
    contacts.value = new Map(known.map((c) => [c.uin, c]));
    requests.value = asked;
    myStatus.value = saved.status;
    invisible.value = saved.invisible;
    awayText.value = saved.away;
  });
  link = new Link(store, {
    state: (state) => {
      linkState.value = state;
      if (state === 'offline' || state === 'elsewhere') presence.value = new Map();
      if (state === 'online' && me.value && !me.value.csrf) void api.whoAmI().then((m) => { me.value = m; }, () => undefined);
      if (state === 'logged_out') void leave(false);
    },
    frame: take,
    settled: async (seq, ok) => {
      const message = await store?.settle(seq, ok ? 'sent' : 'refused');
      if (message && message.peer === open.value) messages.value = messages.value.map((m) => (m.id === message.id ? message : m));
    },
    hello: () => ({ status: myStatus.value, invisible: invisible.value }),
    refused: async () => {
      try {
        await api.whoAmI();
        return true;
      } catch (error) {
        return !(error instanceof api.ApiError && error.status === 401);
      }
    },
  });
  link.start();
}

export async function leave(tellServer = true): Promise<void> {
  link?.tell({ op: 'log_off' });
  link?.stop();
  if (tellServer) await api.logOut().catch(() => undefined);
  localStorage.removeItem('uhoh.last');
  store?.close();
  store = link = undefined;
  batch(() => {
    me.value = null;
    contacts.value = new Map();
    presence.value = new Map();
    groups.value = new Map();
    rooms.value = new Map();
    messages.value = [];
    requests.value = [];
    open.value = null;
    panel.value = '';
    linkState.value = 'offline';
  });
}

export function takeOver(): void { link?.takeOver(); }

// ---- what the server says ---------------------------------------------------------------------------------------

async function take(frame: Frame): Promise<void> {
  switch (frame.op) {
    case 'welcome':
      partial.clear();
      presence.value = new Map([[systemNumber, 'online']]);
      watch([...contacts.value.keys()]);
      link?.tell({ op: 'fetch_stored' });
      groups.value = new Map();
      link?.tell({ op: 'friends' });
      void refreshRooms();  // its answer comes after this frame
      return;
    case 'presence': return setPresence(frame.uin as number, frame.status as Status);
    case 'friends': return takeFriends(frame);
    case 'friend_added': {
      const card = frame.card as { uin: number; nick: string; status: Status };
      await listContact(card.uin, card.nick);
      return setPresence(card.uin, card.status);
    }
    case 'add_answered': return takeAddAnswer(frame.uin as number, frame.result as string);
    case 'message': return takeMessage(frame);
    case 'room_message': return takeRoomMessage(frame);
    case 'room_notice': return takeRoomNotice(frame);
    case 'file_offer':
    case 'file_answer':
    case 'file_part': return takeFileFrame(frame);
    case 'own_status':
      myStatus.value = frame.status as Status;
      invisible.value = Boolean(frame.invisible);
      return;
  }
}

function setPresence(uin: number, status: Status): void {
  const was = statusOf(uin);
  const next = new Map(presence.value);
  next.set(uin, status);
  presence.value = next;
  if (was === 'offline' && status !== 'offline') alertAbout('online', nameOf(uin), '');
}

async function takeFriends(frame: Frame): Promise<void> {
  const group = frame.group as number | undefined;
  if (group !== undefined) groups.value = new Map(groups.value).set(group, frame.name as string);
  const cards = (frame.friends as { uin: number; nick: string; status: Status }[] | undefined) ?? [];
  const fresh: number[] = [];
  for (const card of cards) {
    if (!contacts.value.has(card.uin)) fresh.push(card.uin);
    await listContact(card.uin, card.nick, group);
    if (card.status !== 'offline') setPresence(card.uin, card.status);
  }
  if (fresh.length) watch(fresh);
}

/** Who is added stands in the first group until he is moved. */
async function takeAddAnswer(uin: number, result: string): Promise<void> {
  const contact = contacts.value.get(uin);
  if (result === 'closed') say(t('accepts_nobody'));
  if (result === 'added' && contact && contact.group === undefined) await putContact({ ...contact, group: Math.min(...groups.value.keys(), 1) });
}

/** A long text comes in parts; the whole of it once the last is there. */
export function wholeText(from: number, frame: Frame): string | undefined {
  const text = (partial.get(from) ?? '') + (frame.text as string);
  if (frame.more) partial.set(from, text);
  else partial.delete(from);
  return frame.more ? undefined : text;
}

/** Keeps what came and counts it unread; false when it was there before. */
export async function keepIncoming(message: StoredMessage, alert: string): Promise<boolean> {
  const { peer } = message;
  if (!(await store!.add(message))) return false;  // shown before the connection was lost
  const shown = open.value === peer && document.visibilityState === 'visible';
  const contact = contacts.value.get(peer) ?? { uin: peer, nick: '', listed: false };
  await putContact({ ...contact, unread: shown ? 0 : (contact.unread ?? 0) + 1 });
  if (open.value === peer) messages.value = await store!.conversation(peer, shownMessages.value);
  alertAbout('message', nameOf(peer), alert);
  return true;
}

/** The last message of a conversation. */
export const lastMessage = async (peer: number): Promise<StoredMessage | undefined> => (await store!.conversation(peer, 1))[0];

async function takeMessage(frame: Frame): Promise<void> {
  const from = frame.from as number;
  const part = wholeText(from, frame);
  if (part === undefined) return;
  const kind = frame.kind as string;
  const [text, url] = kind === 'url' ? part.split('\x1e') : [part.replaceAll('\x1e', ' '), undefined];
  if (contacts.value.get(from)?.blocked) return;
  const reason = kind === 'auth_request' ? part.split('\x1e').at(-1) ?? '' : text;
  const fresh = await keepIncoming({
    id: frame.id ? `in:${frame.id as string}` : `in:${from}:${Date.now()}:${Math.random()}`,
    peer: from, at: frame.at ? (frame.at as number) * 1000 : Date.now(), out: false, kind, text: describe(kind, reason), url,
  }, text);
  if (!fresh) return;
  if (kind === 'auth_request') putRequest({ from, text: reason });
  if (kind === 'auth_granted') {
    watch([from]);
    link?.tell({ op: 'add_friend', uin: from });
  }
  if (!contacts.value.get(from)?.nick && from !== systemNumber) void learnName(from);
  // Once for each who writes while one is away.
  if (myStatus.value !== 'online' && awayText.value && kind === 'text' && from !== systemNumber && !frame.at && !answeredAway.has(from)) {
    answeredAway.add(from);
    await send(from, `${t('away_answer')} ${awayText.value}`);
  }
}

function setRequests(next: Request[]): void {
  requests.value = next;
  void store?.setMeta('requests', next);
}
export function putRequest(request: Request): void {
  setRequests([...requests.value.filter((r) => r.from !== request.from || r.room !== request.room), request]);
}
export function dropRequest(from: number, room?: number): void { setRequests(requests.value.filter((r) => r.from !== from || r.room !== room)); }

function describe(kind: string, text: string): string {
  switch (kind) {
    case 'auth_request': return `${t('asks_to_add')} ${text.trim()}`.trim();
    case 'auth_granted': return t('granted');
    case 'auth_refused': return `${t('refused_add')} ${text}`.trim();
    case 'you_were_added': return t('you_were_added');
    default: return text;
  }
}

// ---- what the user does ---------------------------------------------------------------------------------------

export async function putContact(contact: Contact): Promise<void> {
  contacts.value = new Map(contacts.value).set(contact.uin, contact);
  await store?.putContact(contact);
}
async function listContact(uin: number, nick: string, group?: number): Promise<void> {
  const known = contacts.value.get(uin);
  await putContact({ unread: 0, ...known, uin, nick: nick || known?.nick || '', group: group ?? known?.group, listed: true });
}
function watch(all: number[]): void {
  const list = all.filter((uin) => !isRoom(uin));
  // A frame has room for a few thousand.
  for (let i = 0; i < list.length; i += 1000) link?.tell({ op: 'watch', contacts: list.slice(i, i + 1000) });
}

export async function learnName(uin: number): Promise<void> {
  const [answer] = (await link?.ask({ op: 'basic', uin })) ?? [];
  const contact = contacts.value.get(uin);
  if (answer?.op === 'basic' && contact && !contact.nick) await putContact({ ...contact, nick: answer.nick as string });
}

export async function openConversation(uin: number): Promise<void> {
  // At once: what is typed from now on is for this one.
  batch(() => {
    shownMessages.value = 200;
    panel.value = '';
    if (open.value !== uin) {
      open.value = uin;
      messages.value = [];
      historyOf.value = null;
    }
  });
  const contact = contacts.value.get(uin) ?? { uin, nick: '', listed: false };
  await putContact({ ...contact, unread: 0 });
  const history = await store!.conversation(uin, 200);
  if (open.value !== uin) return;
  const known = new Set(history.map((m) => m.id));
  batch(() => {
    messages.value = [...history, ...messages.value.filter((m) => !known.has(m.id))];
    historyOf.value = uin;
  });
}

/** Who comes back to the page has read what stands open there. */
export async function readOpen(): Promise<void> {
  const contact = open.value === null ? undefined : contacts.value.get(open.value);
  if (contact?.unread && document.visibilityState === 'visible') await putContact({ ...contact, unread: 0 });
}

export async function showEarlier(): Promise<void> {
  if (open.value === null) return;
  shownMessages.value += 200;
  messages.value = await store!.conversation(open.value, shownMessages.value);
}

export async function send(to: number, text: string, url?: string, kind = url ? 'url' : 'text', extra: object = {}): Promise<void> {
  if (!store) return;
  const [client, seq] = [await store.clientName(), await store.nextSeq()];
  const frame = JSON.stringify({ op: 'send', client, seq, to, kind, text, ...(url ? { url } : {}), ...extra });
  const message: StoredMessage = { id: `out:${seq}`, peer: to, at: Date.now(), out: true, kind, text: kind === 'auth_granted' ? t('allow') : kind === 'auth_refused' ? t('deny') : text, url, state: 'waiting' };
  await store.addOutgoing(message, { seq, frame, id: message.id });
  if (open.value === to) messages.value = [...messages.value, message];
  await link?.sendWaiting();
}

export function setStatus(status: Status, hidden = invisible.value, away = awayText.value): void {
  batch(() => {
    myStatus.value = status;
    invisible.value = hidden;
    awayText.value = away;
  });
  answeredAway.clear();
  void store?.setMeta('status', { status, invisible: hidden, away });
  link?.tell({ op: 'status', status, invisible: hidden });
}

export const ask = (frame: Frame, last?: (f: Frame) => boolean): Promise<Frame[]> => link?.ask(frame, last) ?? Promise.resolve([]);
export const tell = (frame: Frame): boolean => link?.tell(frame) ?? false;

/** Puts somebody on the list; asks for permission first where that is needed. */
export async function addContact(uin: number, nick: string, authorization: string, reason: string): Promise<void> {
  await listContact(uin, nick);
  watch([uin]);
  if (authorization === 'open') link?.tell({ op: 'add_friend', uin });
  else await send(uin, reason || '…', undefined, 'auth_request', { nick: nameOf(me.value!.uin) });
  say(authorization === 'open' ? t('added') : t('asked'));
}
export async function removeContact(uin: number): Promise<void> {
  if (!isRoom(uin)) link?.tell({ op: 'remove_friend', uin });
  const next = new Map(contacts.value);
  next.delete(uin);
  contacts.value = next;
  if (open.value === uin) open.value = null;
  await store?.removeContact(uin);
}
export async function block(uin: number, blocked: boolean): Promise<void> {
  const contact = contacts.value.get(uin) ?? { uin, nick: '', listed: false };
  await putContact({ ...contact, blocked });
  link?.tell({ op: 'change_privacy', list: 'invisible', uin, add: blocked });
}
export async function renameContact(uin: number, nick: string): Promise<void> {
  const contact = contacts.value.get(uin);
  if (contact) await putContact({ ...contact, nick });
}
export async function answerRequest(from: number, grant: boolean, reason = ''): Promise<void> {
  dropRequest(from);
  await send(from, grant ? '' : reason, undefined, grant ? 'auth_granted' : 'auth_refused');
}

// ---- groups of friends ------------------------------------------------------------------------------------------

/** The first group has the server's name until somebody gives it another. */
export const titleOfGroup = (number: number, name: string): string => (number === 1 && name === 'friends' ? t('first_group') : name);

export async function addGroup(name: string): Promise<boolean> {
  const [answer] = await ask({ op: 'add_group', name });
  if (answer?.op !== 'group' || !answer.ok) return false;
  groups.value = new Map(groups.value).set(answer.group as number, name);
  return true;
}
export async function renameGroup(group: number, name: string): Promise<boolean> {
  const [answer] = await ask({ op: 'rename_group', group, name });
  if (answer?.op !== 'group' || !answer.ok) return false;
  groups.value = new Map(groups.value).set(group, name);
  return true;
}
export async function deleteGroup(group: number): Promise<boolean> {
  const [answer] = await ask({ op: 'delete_group', group });
  if (answer?.op !== 'group' || !answer.ok) return false;
  const next = new Map(groups.value);
  next.delete(group);
  groups.value = next;
  for (const contact of contacts.value.values()) if (contact.group === group) await putContact({ ...contact, group: 1 });
  return true;
}
export async function moveToGroup(uin: number, group: number): Promise<boolean> {
  const [answer] = await ask({ op: 'move_friends', group, members: [uin] });
  const contact = contacts.value.get(uin);
  if (!answer?.ok || !contact) return false;
  await putContact({ ...contact, group });
  return true;
}

export async function forgetConversation(uin: number): Promise<void> {
  await store?.forgetConversation(uin);
  if (open.value === uin) messages.value = [];
}
