module.exports = {
  'GET /': (request, response) => response.end('hello\n'),
};
