import { describe, it } from 'vitest'
import { memoryRegister } from './memory.ts'
import { describeRegisterContract } from './testing/index.ts'

describeRegisterContract(
  { describe, it },
  {
    title: 'memory register',
    durable: false,
    async open() {
      const register = memoryRegister()
      return { register, another: async () => register, close: () => register.close() }
    },
  },
)
