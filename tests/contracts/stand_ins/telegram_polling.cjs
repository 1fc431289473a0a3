// telegram-test-api behind a small front that supplies what a real client asks for and it lacks.
//
// usage: node telegram_polling.cjs INSTALL_DIR PORT
'use strict';
const { createRequire } = require('module');
const path = require('path');

const installed = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'));
const port = Number(process.argv[3]);
const express = installed('express');
const TelegramServer = installed('telegram-test-api').default || installed('telegram-test-api');

const BOT = { id: 42, is_bot: true, first_name: 'Stand-in', username: 'stand_in_bot' };
const CANNED = {
  getMe: BOT,
  setMyCommands: true,
  sendChatAction: true,
  answerCallbackQuery: true,
  leaveChat: true,
};

// Presses come without chat_instance, which Telegram always sends.
const plainFormat = TelegramServer.formatUpdate;
TelegramServer.formatUpdate = (update) => {
  const formatted = plainFormat(update);
  const press = formatted.callback_query;
  if (press && !press.chat_instance) press.chat_instance = `chat-${press.from.id}`;
  return formatted;
};

// Dates are milliseconds where Telegram has seconds, options come back as the text they were sent as, and a plain
// success is null where Telegram has true.
function correct(body) {
  if (!body || body.ok !== true) return body;
  if (body.result === null || body.result === undefined) return { ...body, result: true };
  const result = Array.isArray(body.result) ? body.result : { ...body.result };
  if (result.date > 100000000000) result.date = Math.floor(result.date / 1000);
  delete result.link_preview_options;
  return { ...body, result };
}

const inner = new TelegramServer({ host: '127.0.0.1', port, storeTimeout: 600 });
const front = express();
front.all('/bot:token/:call', (request, response, next) => {
  const canned = CANNED[request.params.call];
  if (canned === undefined) return next();
  return response.json({ ok: true, result: canned });
});
front.use((request, response, next) => {
  const send = response.json.bind(response);
  response.json = (body) => send(correct(body));
  next();
});
front.use(inner.webServer);
inner.webServer = front;
inner.start();
