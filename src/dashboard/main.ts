import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import { ApiProblem } from './api/problem'
import App from './app.vue'
import { feedQueries } from './live/query-feed'
import { fetchLaterPages, router } from './router'
import './style.css'

const queries = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: 'always' },
    queries: {
      // The server may be on this very machine: a request tells whether it answers, not a browser without a network.
      networkMode: 'always',
      // Events say when something has changed, and a break in them makes everything be read anew.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) =>
        failures < 3 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500)
    }
  }
})
feedQueries(queries)

createApp(App).use(router).use(VueQueryPlugin, { queryClient: queries }).mount('#app')

router.isReady().then(fetchLaterPages)
