/** A frame of the live socket, as a visitor gets them. */
export interface Frame {
  type: string;
  seq?: number;
  epoch?: string;
  data?: unknown;
}

const firstPause = 1000;
const longestPause = 30_000;
const pingEvery = 30_000;

/** Keeps a socket open and hands on its frames. What was missed in between comes again, or `reload` says that it cannot.
    Returns what sends a frame; one that cannot leave now is dropped. */
export function listen(url: (since: number, epoch: string) => string, on: { frame: (frame: Frame) => void; reload: () => void }) {
  let socket: WebSocket | null = null;
  let [since, epoch, pause] = [0, '', firstPause];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let heard = 0;

  const take = (frame: Frame) => {
    if (frame.type === 'hello') {
      pause = firstPause;
      const resumed = (frame.data as { resumed?: boolean } | undefined)?.resumed;
      if (!resumed) {
        since = frame.seq ?? 0;
        epoch = frame.epoch ?? '';
        on.reload();
      }
      return;
    }
    if (frame.seq) since = frame.seq;
    on.frame(frame);
  };

  const again = () => {
    clearTimeout(timer);
    socket = null;
    timer = setTimeout(connect, pause / 2 + Math.random() * pause);
    pause = Math.min(2 * pause, longestPause);
  };

  function connect() {
    clearTimeout(timer);
    let mine: WebSocket;
    try {
      mine = new WebSocket(url(since, epoch));
    } catch {
      return again(); // the page's policy may forbid it
    }
    socket = mine;
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      heard = Date.now();
      if (typeof data === 'string') take(JSON.parse(data) as Frame);
    };
    mine.onclose = () => socket === mine && again();
  }

  setInterval(() => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (heard && Date.now() - heard > 2.5 * pingEvery) {
      socket.close();
      again();
    } else socket.send('{"type":"ping"}');
  }, pingEvery);
  addEventListener('online', () => {
    if (socket?.readyState === WebSocket.OPEN) return;
    pause = firstPause;
    connect();
  });
  connect();
  return (frame: Frame) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
}
