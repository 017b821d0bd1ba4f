{-# LANGUAGE InterruptibleFFI #-}

-- System.Timeout around a call, which is imported as `interruptible`.
-- Usage: Timeout CONFIG OPERATION REQUEST
module Main (main) where

import Data.Int (Int32)
import Foreign (Ptr, alloca, allocaBytes, nullPtr, peek, poke)
import Foreign.C (CChar, CSize (..), CString, peekCString, withCString)
import System.Environment (getArgs)
import System.Timeout (timeout)

data Client

foreign import ccall "descope_client_new"
  clientNew :: CString -> Ptr (Ptr Client) -> Ptr CString -> IO Int32

foreign import ccall interruptible "descope_client_call"
  clientCall :: Ptr Client -> CString -> CString -> Ptr CString -> IO Int32

foreign import ccall "descope_client_free"
  clientFree :: Ptr Client -> IO ()

foreign import ccall "descope_json_get"
  jsonGet :: CString -> CString -> Ptr CChar -> CSize -> Ptr CSize -> IO Int32

foreign import ccall "descope_string_free"
  stringFree :: CString -> IO ()

errorText :: CString -> String -> IO String
errorText document pointer = allocaBytes 32 $ \buffer -> do
  _ <- withCString pointer $ \key -> jsonGet document key buffer 32 nullPtr
  peekCString buffer

main :: IO ()
main = do
  [config, operation, request] <- getArgs
  alloca $ \client -> alloca $ \out -> do
    poke out nullPtr
    _ <- withCString config $ \text -> clientNew text client nullPtr
    started <- peek client
    finished <- timeout 500000 $ withCString operation $ \name ->
      withCString request $ \json -> clientCall started name json out
    document <- peek out
    name <- errorText document "/error/name"
    outcome <- errorText document "/error/outcome"
    putStrLn $ unwords [show finished, name, outcome]
    stringFree document
    clientFree started
