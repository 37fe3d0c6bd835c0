// Groups that talk together: what the pages know of them, and what is done with them.
import { signal } from '@preact/signals';
import { t } from './i18n';
import type { Frame } from './net/link';
import type { RoomRole } from './net/store';
import {
  ask, contacts, dropRequest, isRoom, keepIncoming, lastMessage, me, nameOf, open, openConversation, panel, putContact, putRequest, say, type Status, statusOf,
  wholeText,
} from './state';

export type Joining = 'open' | 'ask' | 'closed';
export interface Member { uin: number; role: RoomRole; nick: string; status: Status }
export interface Room {
  room: number; name: string; notice: string; description: string; joining: Joining; category?: number; owner: number;
  member: boolean; members: Member[];
}
export interface RoomFields { name: string; notice: string; description: string; joining: Joining }

/** Rooms that were looked at; presence in them is of that moment. */
export const rooms = signal<Map<number, Room>>(new Map());

export const roleIn = (room: number): RoomRole | undefined => contacts.value.get(room)?.role;
export const runs = (room: number): boolean => roleIn(room) === 'owner' || roleIn(room) === 'administrator';
/** Contacts are watched: of them more is known than when the room was looked at. */
export const statusIn = (member: Member): Status =>
  (member.uin === me.value?.uin ? 'online' : contacts.value.get(member.uin)?.listed ? statusOf(member.uin) : member.status);

const lately = 60_000;
/** The server's clock is not the browser's: what was written just now came now. */
const timeOf = (seconds: number): number => (Math.abs(Date.now() - seconds * 1000) < lately || seconds * 1000 > Date.now() ? Date.now() : seconds * 1000);

// ---- what the server says ---------------------------------------------------------------------------------------

/** Asks in which rooms one is. */
export async function refreshRooms(): Promise<void> {
  const [answer] = await ask({ op: 'rooms' });
  if (answer?.op !== 'rooms') return;
  const now = new Map((answer.rooms as { room: number; name: string; role: RoomRole }[]).map((r) => [r.room, r]));
  for (const contact of contacts.value.values())
    if (isRoom(contact.uin) && contact.role && !now.has(contact.uin)) await putContact({ ...contact, role: undefined, listed: false });
  for (const { room, name, role } of now.values()) {
    const known = contacts.value.get(room);
    if (known?.nick !== name || known.role !== role || !known.listed) await putContact({ unread: 0, ...known, uin: room, nick: name, role, listed: true });
  }
}

/** Looks at a room: who is no member sees no members. */
export async function loadRoom(room: number): Promise<Room | undefined> {
  const [shown] = await ask({ op: 'room', room });
  if (shown?.op !== 'room' || !shown.found) return undefined;
  const found = { ...(shown as unknown as Room), members: [] as Member[] };
  if (found.member) {
    const roles = new Map((shown.members as { uin: number; role: RoomRole }[]).map((m) => [m.uin, m.role]));
    const frames = await ask({ op: 'room_members', room }, (f) => !f.more);
    found.members = frames.flatMap((f) => (f.members as Member[] | undefined) ?? []).map((m) => ({ ...m, role: roles.get(m.uin) ?? 'member' }));
  }
  rooms.value = new Map(rooms.value).set(room, found);
  return found;
}

export async function takeRoomMessage(frame: Frame): Promise<void> {
  const room = frame.room as number, from = frame.from as number;
  const text = wholeText(room, frame);
  if (text === undefined || contacts.value.get(from)?.blocked) return;
  const nick = contacts.value.get(from)?.nick || (frame.nick as string) || String(from);
  const fresh = await keepIncoming({
    id: `in:${frame.id as string}`, peer: room, at: timeOf(frame.at as number), out: false, kind: 'text', text, from, nick,
  }, `${nick}: ${text}`);
  if (!fresh) return;
  if (!contacts.value.get(room)?.role) void refreshRooms();
  const seen = rooms.value.get(room);
  if (seen?.member && !seen.members.some((m) => m.uin === from)) void loadRoom(room);
}

export async function takeRoomNotice(frame: Frame): Promise<void> {
  const room = frame.room as number, who = frame.uin as number;
  const nick = contacts.value.get(who)?.nick || (frame.nick as string) || String(who);
  const reason = frame.reason as string;
  const known = contacts.value.get(room);
  if (!known?.nick) await putContact({ unread: 0, listed: false, ...known, uin: room, nick: frame.name as string });
  if (frame.notice === 'requested') putRequest({ from: who, nick, text: reason, room });
  else void refreshRooms().then(() => (open.value === room ? loadRoom(room) : undefined));
  const text = `${t(`room_${frame.notice as string}`, { name: nick })}${reason ? `: ${reason}` : ''}`;
  // A notice has no name of its own: after a lost connection the last one may come again.
  const last = await lastMessage(room);
  if (last?.kind === 'notice' && last.text === text) return;
  await keepIncoming({ id: `in:${room}:${Date.now()}:${Math.random()}`, peer: room, at: Date.now(), out: false, kind: 'notice', text }, text);
}

// ---- what the user does ---------------------------------------------------------------------------------------

/** Asks, and says when it was not done. */
async function does(frame: Frame): Promise<Frame | undefined> {
  const [answer] = await ask(frame);
  if (answer?.op === 'room_changed' && answer.result === 'ok') return answer;
  say(answer?.op === 'room_changed' ? t(`room_result_${answer.result as string}`) : t('failed', { why: '' }));
  return undefined;
}

/** Says whom nobody may add without asking. */
async function afterAdding(room: number, wanted: number[]): Promise<void> {
  const members = (await loadRoom(room))?.members ?? [];
  const missing = wanted.filter((uin) => !members.some((m) => m.uin === uin));
  if (missing.length) say(t('room_left_out', { names: missing.map(nameOf).join(', ') }));
}

export async function createRoom(fields: RoomFields, members: number[]): Promise<boolean> {
  const done = await does({ op: 'create_room', ...fields, members });
  if (!done) return false;
  const room = done.room as number;
  await refreshRooms();
  await openConversation(room);
  await afterAdding(room, members);
  return true;
}
export async function changeRoom(room: number, fields: RoomFields): Promise<boolean> {
  const category = rooms.value.get(room)?.category;
  if (!(await does({ op: 'change_room', room, ...fields, ...(category ? { category } : {}) }))) return false;
  say(t('saved'));
  await refreshRooms();
  await loadRoom(room);
  return true;
}
export async function changeMembers(room: number, members: number[], add: boolean): Promise<boolean> {
  if (!(await does({ op: 'room_members_change', room, members, add }))) return false;
  await afterAdding(room, add ? members : []);
  return true;
}
export async function setRole(room: number, uin: number, administrator: boolean): Promise<void> {
  if (await does({ op: 'room_role', room, uin, administrator })) await loadRoom(room);
}

/** Joins, or asks to; true when nothing more is to be done. */
export async function joinRoom(room: number): Promise<'joined' | 'ask' | 'no'> {
  const [answer] = await ask({ op: 'join_room', room });
  const result = answer?.op === 'room_joined' ? (answer.result as string) : '';
  if (result === 'joined') {
    await refreshRooms();
    await openConversation(room);
    return 'joined';
  }
  if (result === 'ask') return 'ask';
  say(result ? t(`room_join_${result}`) : t('failed', { why: '' }));
  return 'no';
}
export async function askToJoin(room: number, reason: string): Promise<boolean> {
  if (!(await does({ op: 'ask_room', room, reason }))) return false;
  say(t('asked'));
  return true;
}
export async function answerJoinRequest(room: number, uin: number, grant: boolean): Promise<void> {
  const [answer] = await ask({ op: 'answer_room', room, uin, grant });
  if (!answer) return say(t('failed', { why: '' }));
  dropRequest(uin, room);  // also one that somebody else has answered
  if (answer.result !== 'ok') return say(t(`room_result_${answer.result as string}`));
  if (rooms.value.has(room)) await loadRoom(room);
}
export async function leaveRoom(room: number, dismiss = false): Promise<void> {
  if (!(await does({ op: dismiss ? 'dismiss_room' : 'leave_room', room }))) return;
  panel.value = '';
  open.value = null;
  const next = new Map(rooms.value);
  next.delete(room);
  rooms.value = next;
  await refreshRooms();
}
