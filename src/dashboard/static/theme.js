// Before the page is drawn, so that it is not drawn in the wrong colours first.
const theme = localStorage.getItem('theme')
if (theme) document.documentElement.dataset.theme = theme
