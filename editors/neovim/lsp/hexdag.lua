-- Language server of hexDAG for Neovim 0.11 and newer.
return {
  cmd = { 'hexdag-lsp', '--stdio' },
  filetypes = { 'yaml' },
  root_markers = { 'hexdag.yaml', 'hexdag.yml', '.git' },
}

-- Neovim 0.7 to 0.10, in init.lua:
--
--   vim.api.nvim_create_autocmd('FileType', {
--     pattern = 'yaml',
--     callback = function(args)
--       local found = vim.fs and vim.fs.find({ 'hexdag.yaml', '.git' }, { upward = true, path = vim.api.nvim_buf_get_name(args.buf) })[1]
--       local id = vim.lsp.start_client({
--         name = 'hexdag', cmd = { 'hexdag-lsp', '--stdio' },
--         root_dir = found and vim.fn.fnamemodify(found, ':h') or vim.fn.getcwd(),
--       })
--       vim.lsp.buf_attach_client(args.buf, id)
--     end,
--   })
