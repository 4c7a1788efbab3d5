const { readdirSync } = require('node:fs');
const http = require('node:http');
const path = require('node:path');

/** Every file in routes/ answers for the paths that it names. */
function loadRoutes() {
  const folder = path.join(__dirname, 'routes');
  const modules = readdirSync(folder).map((file) => require(path.join(folder, file)));
  return new Map(modules.flatMap((routes) => Object.entries(routes)));
}

function createServer() {
  const routes = loadRoutes();
  return http.createServer((request, response) => {
    const route = routes.get(`${request.method} ${request.url}`);
    if (route) return route(request, response);
    response.writeHead(404).end('not found\n');
  });
}

if (require.main === module) createServer().listen(process.env.PORT ?? 3000);

module.exports = { createServer };
