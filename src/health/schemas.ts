import { Type } from 'typebox'

export const Healthy = Type.Object({ status: Type.Literal('healthy') })
export const Health = Type.Object({ status: Type.Enum(['healthy', 'unhealthy']) })
