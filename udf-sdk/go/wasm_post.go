//go:build wasm

package anabranch

// The host calls these when it has read a result.

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#describe
func postDescribe(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#bind
func postBind(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#call
func postCall(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#begin
func postBegin(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#next
func postNext(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[static]accumulators.open
func postOpen(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[method]accumulators.accumulate
func postAccumulate(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[method]accumulators.retract
func postRetract(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[method]accumulators.merge
func postMerge(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[method]accumulators.evaluate
func postEvaluate(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[method]accumulators.state
func postState(uint32) { endCall() }

//go:wasmexport cabi_post_anabranch:functions/functions@0.2.0#[method]accumulators.restore
func postRestore(uint32) { endCall() }
