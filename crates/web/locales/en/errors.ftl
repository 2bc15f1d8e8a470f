### Where there is no page.

problem-home = Go to the home page
problem-support = Contact support
problem-not-found = We cannot find this page
problem-not-found-text = It may have moved, or the address may be mistyped.
problem-not-active = This account is not active
problem-not-active-text = Please contact your IT team if you think that it should be.
problem-disabled = This is not available
problem-disabled-text = Your organization does not offer this part of the portal.
problem-forged = This form could not be accepted
problem-forged-text = It may have been open for too long, or cookies may be switched off. Please go back, copy what you have typed, reload the page and try again.
outdated-title = Please check and send again
outdated-text = The page that you sent this from was opened before you signed in. Nothing has been saved yet.
outdated-send = Send
outdated-discard = Discard
problem-unreadable = We could not read what was sent
problem-unreadable-text = Please go back and try again. Very long texts may have to be shortened.
problem-refused = This is not possible now
problem-rate-limited = Please wait a moment
problem-rate-limited-text = { $minutes ->
    [one] There were too many attempts. Please wait a minute, then try again.
   *[other] There were too many attempts. Please wait { $minutes } minutes, then try again.
}
problem-too-many-changes = Too much was sent within a minute, so this has not been saved yet. Please wait a minute, then send it again.
problem-unavailable = We will be right back
problem-unavailable-text = The portal cannot be reached for the moment. Please try again in a minute.
problem-internal = Something went wrong
problem-internal-text = It is not your fault. Please try again; if it happens again, please tell support when it was.
problem-forbidden = You may not do this
