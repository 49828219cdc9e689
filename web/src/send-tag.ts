/** The tag under which a page asks the browser to wake the service worker once there is a network (D-26). */
export const SEND = 'send'
