;;; What TestEmacs does in Emacs: diagnostics, completion, rename and formatting of
;;; one manifest, with the configuration that editors/emacs has. -*- lexical-binding: t -*-

(setq load-path (append (file-expand-wildcards "/usr/share/emacs/site-lisp/elpa/*") load-path))
(require 'cl-lib)
(require 'flymake)
(unless (and (require 'yaml-mode nil t) (require 'eglot nil t))
  (message "eglot and yaml-mode are not installed")
  (kill-emacs 3))
(load (getenv "HEXDAG_TEST_CONFIG"))
(setq eglot-sync-connect 60 eglot-autoreconnect nil)

(defun wait-for (what done)
  "Wait until DONE says that it is so; WHAT is what is waited for."
  (let ((end (+ (float-time) 60)))
    (while (not (funcall done))
      (when (> (float-time) end) (error "Waited in vain for: %s" what))
      (accept-process-output nil 0.05))))

(defun told (text)
  "Whether a diagnostic of the buffer has TEXT."
  (flymake-start)
  (cl-some (lambda (d) (string-match-p text (flymake-diagnostic-text d))) (flymake-diagnostics)))

(find-file (expand-file-name "p.yaml" (getenv "HEXDAG_TEST_ROOT")))
(run-hooks 'post-command-hook)          ; what eglot-ensure waits for
(wait-for "the server" (lambda () (eglot-managed-p)))
(wait-for "a diagnostic" (lambda () (told "rowz")))

;; The mistake is corrected; without a user there are no idle times.
(goto-char (point-min))
(search-forward "first.rowz")
(delete-char -1)
(insert "s")
(eglot--signal-textDocument/didChange)
(wait-for "no diagnostic" (lambda () (not (told "rowz"))))

(delete-char -1)                        ; first.row
(let* ((found (eglot-completion-at-point))
       (names (all-completions "row" (nth 2 found))))
  (unless (member "rows" (mapcar (lambda (s) (string-trim (substring-no-properties s))) names))
    (error "Completion does not know the field rows: %S" names)))
(insert "s")
(eglot--signal-textDocument/didChange)
(backward-char 1)
(eglot-rename "items")
(goto-char (point-min))
(search-forward "items: [1]")
(search-forward "{{ first.items }}")

(goto-char (point-min))
(search-forward "metadata:")
(insert "   ")
(eglot--signal-textDocument/didChange)
(eglot-format-buffer)
(goto-char (point-min))
(when (re-search-forward "metadata: +$" nil t) (error "Formatting leaves the blanks"))
(message "all is well")
(set-buffer-modified-p nil)
(kill-emacs 0)
