// The HTTP side: log-in, registration, settings. Messages go over the WebSocket (link.ts).

export type Role = 'user' | 'moderator' | 'administrator' | 'local' | 'nobody';
export interface Me { uin: number; role: Role; csrf: string; charset?: string }

export class ApiError extends Error {
  constructor(readonly status: number, readonly kind: string, message: string) { super(message); }
}

let csrf = '';

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' });
  } catch {
    throw new ApiError(0, 'offline', 'the server can\'t be reached');
  }
  const text = await response.text();
  if (!response.ok) {
    let kind = 'failed', message = text;
    try { ({ kind, message } = JSON.parse(text).error); } catch { /* no JSON: the text itself */ }
    throw new ApiError(response.status, kind, message);
  }
  const type = response.headers.get('Content-Type') ?? '';
  return (type.startsWith('application/json') && text ? JSON.parse(text) : text) as T;
}

function remember(me: Me): Me {
  csrf = me.csrf;
  return me;
}

export const whoAmI = async (): Promise<Me> => remember(await call<Me>('GET', '/api/v1/me'));
export const logIn = async (uin: number, password: string): Promise<Me> => remember(await call<Me>('POST', '/api/v1/login', { uin, password }));
export async function logOut(): Promise<void> {
  await call('POST', '/api/v1/logout', {});
  csrf = '';
}

export interface Registration { mode: 'open' | 'invite' | 'approve' | 'closed'; numbers?: number[] }
export const registration = (): Promise<Registration> => call('GET', '/api/v1/registration');
export interface NewAccount { uin?: number; password: string; nick: string; invitation?: string; charset?: string }
export async function register(account: NewAccount): Promise<Me & { waits_for_approval?: boolean }> {
  const made = await call<Me & { waits_for_approval?: boolean }>('POST', '/api/v1/accounts', account);
  if (made.csrf) remember(made);
  return made;
}
