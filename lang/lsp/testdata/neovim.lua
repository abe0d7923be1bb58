-- What TestNeovim does in Neovim: diagnostics, completion, hover, rename and
-- formatting of one manifest.
local root, server = vim.env.HEXDAG_TEST_ROOT, vim.env.HEXDAG_TEST_SERVER

local function check(ok, what)
  if not ok then
    io.stderr:write('failed: ' .. what .. '\n')
    vim.cmd('cquit 1')
  end
end

local ok, err = pcall(function()
  vim.cmd('edit ' .. root .. '/p.yaml')
  local buf = vim.api.nvim_get_current_buf()
  -- The configuration for newer ones, as far as this one can take it.
  local config = dofile(vim.env.HEXDAG_TEST_CONFIG)
  check(config.cmd[1] == 'hexdag-lsp' and vim.tbl_contains(config.filetypes, vim.bo.filetype), 'the configuration is for this file')
  local cmd = vim.list_extend({ server }, config.cmd, 2)
  local id = vim.lsp.start_client({
    name = 'hexdag', cmd = cmd, cmd_env = { HEXDAG_LSP_SERVE = '1' }, root_dir = root,
  })
  check(id ~= nil, 'the server starts')
  vim.lsp.buf_attach_client(buf, id)
  check(vim.wait(20000, function() return #vim.diagnostic.get(buf) == 1 end, 20), 'one diagnostic')
  local d = vim.diagnostic.get(buf)[1]
  check(d.lnum == 12 and d.message:find('rowz'), 'the diagnostic is about rowz: ' .. vim.inspect(d))

  -- The mistake is corrected by hand; behind an astral character, bytes and
  -- UTF-16 units differ.
  local line = vim.api.nvim_buf_get_lines(buf, 12, 13, true)[1]
  local from = line:find('rowz', 1, true) - 1
  vim.api.nvim_buf_set_text(buf, 12, from, 12, from + 4, { 'rows' })
  check(vim.wait(20000, function() return #vim.diagnostic.get(buf) == 0 end, 20), 'no diagnostic after the correction')

  local function ask(method, row, column, extra)
    vim.api.nvim_win_set_cursor(0, { row + 1, column })
    local params = vim.tbl_extend('force', vim.lsp.util.make_position_params(0, 'utf-16'), extra or {})
    local answers = vim.lsp.buf_request_sync(buf, method, params, 20000)
    check(answers and answers[id], method .. ' is answered')
    check(answers[id].error == nil, method .. ': ' .. vim.inspect(answers[id].error))
    return answers[id].result
  end

  local found = false
  for _, item in ipairs(ask('textDocument/completion', 12, from).items) do
    found = found or item.label == 'rows'
  end
  check(found, 'completion knows the field rows')
  local hover = ask('textDocument/hover', 12, from)
  check(vim.inspect(hover.contents):find('list%[int%]'), 'hover tells the type: ' .. vim.inspect(hover))

  local edit = ask('textDocument/rename', 12, from, { newName = 'items' })
  vim.lsp.util.apply_workspace_edit(edit, 'utf-16')
  local text = table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, true), '\n')
  check(text:find('items: %[1%]') and text:find('{{ first.items }}') and not text:find('rows'), 'rename changes both places:\n' .. text)

  vim.api.nvim_buf_set_lines(buf, 1, 2, true, { 'metadata:   ' })
  local edits = ask('textDocument/formatting', 0, 0, { options = { tabSize = 2, insertSpaces = true } })
  vim.lsp.util.apply_text_edits(edits, buf, 'utf-16')
  check(vim.api.nvim_buf_get_lines(buf, 1, 2, true)[1] == 'metadata:', 'formatting takes the blanks away')
  vim.lsp.stop_client(id)
  check(vim.wait(20000, function() return vim.lsp.client_is_stopped(id) end, 20), 'the server ends')
end)
check(ok, tostring(err))
io.stdout:write('all is well\n')
vim.cmd('qall!')
