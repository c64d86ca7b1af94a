// What matrix-bot-sdk asks of the module when it is loaded. Bots in the tests have no encrypted rooms.
module.exports = { RequestType: {}, StoreType: {} };
