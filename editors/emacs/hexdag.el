;;; hexdag.el --- Language server of hexDAG for eglot -*- lexical-binding: t -*-

(require 'eglot)

(add-to-list 'eglot-server-programs
             '((yaml-mode yaml-ts-mode) . ("hexdag-lsp" "--stdio")))

(defun hexdag-manifest-p ()
  "Whether the buffer declares a kind of hexDAG."
  (save-excursion
    (goto-char (point-min))
    (re-search-forward
     "^kind:[ \t]*['\"]?\\(Pipeline\\|System\\|Macro\\|Config\\|Adapter\\|Policy\\|Middleware\\|Test\\)\\>"
     nil t)))

(defun hexdag-maybe-start ()
  "Start the server for manifests."
  (when (hexdag-manifest-p) (eglot-ensure)))

(add-hook 'yaml-mode-hook #'hexdag-maybe-start)
(add-hook 'yaml-ts-mode-hook #'hexdag-maybe-start)

(provide 'hexdag)
;;; hexdag.el ends here
