"""ScriptedProvider: a language model provider on a loopback port that answers as a test says. Speaks the chat completions of OpenAI,
the messages of Anthropic and Bedrock's Converse without streams. Needs only Python's standard library."""

import http.server
import json
import threading
import time


class ScriptedProvider:
    """Answers each request with `text` and `usage` after `delay` seconds, or with `failures`, (status, body) pairs, first. Use as a context."""

    def __init__(self, text="scripted answer", delay=0.0, usage=(10, 5)):
        self.text, self.delay, self.usage = text, delay, usage
        self.failures = []
        self.requests = []  # (path, headers with lower-case names, parsed body)
        self.most_at_once = 0
        self._running = 0
        self._lock = threading.Lock()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                provider._answer(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler):
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.requests.append((handler.path, {k.lower(): v for k, v in handler.headers.items()}, body))
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
            failure = self.failures.pop(0) if self.failures else None
        time.sleep(self.delay)
        with self._lock:
            self._running -= 1
        try:
            if failure:
                self._send(handler, failure[0], "application/json", failure[1])
            elif handler.path.endswith("/messages"):
                self._send(handler, 200, *self._anthropic(body))
            elif "/converse" in handler.path:
                self._send(handler, 200, "application/json", json.dumps({
                    "output": {"message": {"role": "assistant", "content": [{"text": self.text}]}}, "stopReason": "end_turn",
                    "usage": {"inputTokens": self.usage[0], "outputTokens": self.usage[1]}}))
            else:
                self._send(handler, 200, *self._openai(body))
        except OSError:
            pass  # the client went away

    def _openai(self, body):
        usage = {"prompt_tokens": self.usage[0], "completion_tokens": self.usage[1]}
        if not body.get("stream"):
            message = {"role": "assistant", "content": self.text}
            return "application/json", json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})
        events = [{"choices": [{"delta": {"content": word}}]} for word in self.text.split(" ")[:1]]
        events += [{"choices": [{"delta": {"content": " " + word}}]} for word in self.text.split(" ")[1:]]
        events += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
        return "text/event-stream", "".join(f"data: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n"

    def _anthropic(self, body):
        usage = {"input_tokens": self.usage[0], "output_tokens": self.usage[1]}
        if not body.get("stream"):
            return "application/json", json.dumps({"type": "message", "content": [{"type": "text", "text": self.text}],
                                                   "stop_reason": "end_turn", "usage": usage})
        events = [{"type": "message_start", "message": {"usage": usage}},
                  {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": self.text}},
                  {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}]
        return "text/event-stream", "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)

    @staticmethod
    def _send(handler, status, content_type, body):
        data = body.encode()
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
