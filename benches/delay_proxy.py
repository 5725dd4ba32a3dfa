"""A TCP proxy on loopback that adds network latency."""
import asyncio
import socket
import threading
import urllib.parse


class DelayProxy:
    """Delays all data by `delay` seconds in each direction."""

    def __init__(self, delay):
        self.delay = delay
        # asyncio sets TCP_NODELAY only on sockets whose protocol is given; Nagle's algorithm would
        # add 40 ms now and then.
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}/"

    def forward_to(self, url):
        self.target = urllib.parse.urlsplit(url)
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()

    async def serve(self):
        server = await asyncio.start_server(self.handle, sock=self.listener)
        await server.serve_forever()

    async def handle(self, reader, writer):
        target = await asyncio.open_connection(self.target.hostname, self.target.port)
        target_reader, target_writer = target
        # The client's first data would have had to wait for the TCP handshake: one more round trip.
        await asyncio.gather(
            forward(reader, target_writer, self.delay, first_extra=2 * self.delay),
            forward(target_reader, writer, self.delay),
        )


async def forward(reader, writer, delay, first_extra=0):
    """Forwards data, each chunk `delay` seconds after it arrived."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def receive():
        extra = first_extra
        while data := await reader.read(65536):
            await queue.put((loop.time() + delay + extra, data))
            extra = 0
        await queue.put((loop.time() + delay, b""))

    receiving = asyncio.create_task(receive())
    try:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        receiving.cancel()
        writer.close()
