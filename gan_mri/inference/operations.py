"""What a SavedModel would do if it were loaded: its graph read as data, not run.

A SavedModel is a program. Its functions may hold operations that read and write files, reach the
network or run Python, and some of its functions run as soon as it is loaded. Here the protocol
buffer is parsed, which runs nothing, and every operation of the graph and of its library of
functions is compared with a list of those that only compute.
"""

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from gan_mri.errors import GanMriError

#: Larger files are not parsed: graphs have some MB, weights lie elsewhere.
MAX_BYTES = 512 * 2**20

#: Operations that compute and do nothing else: what networks of `gan_mri.layers` are made of on
#: both stacks, and their nearest relatives. Who adds one reads first what it does.
ALLOWED = frozenset(
    """
    Abs Add AddN AddV2 All Any ArgMax ArgMin Assert AvgPool AvgPool3D AvgPool3DGrad AvgPoolGrad
    BatchMatMul BatchMatMulV2 BatchMatMulV3 BiasAdd BiasAddGrad BroadcastArgs
    BroadcastGradientArgs BroadcastTo Cast Ceil ClipByValue Concat ConcatV2 Const Conv2D
    Conv2DBackpropFilter Conv2DBackpropInput Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2
    Cos Cumsum DepthwiseConv2dNative Div DivNoNan Einsum Elu EnsureShape Equal Erf Exp ExpandDims
    Expm1 Fill Floor FloorDiv FloorMod FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather
    GatherNd GatherV2 Greater GreaterEqual Identity IdentityN InvertPermutation IsFinite IsInf
    IsNan L2Loss LeakyRelu LeakyReluGrad Less LessEqual LinSpace Log Log1p LogSoftmax LogicalAnd
    LogicalNot LogicalOr MatMul Max MaxPool MaxPool3D MaxPool3DGrad MaxPoolGrad Maximum Mean Min
    Minimum MirrorPad MirrorPadGrad Mod Mul MulNoNan Neg NoOp NotEqual OneHot OnesLike Pack Pad
    PadV2 Placeholder PlaceholderWithDefault Pow PreventGradient Prod Range Rank RealDiv
    Reciprocal Relu Relu6 ReluGrad Reshape ResizeBilinear ResizeNearestNeighbor ReverseV2 Round
    Rsqrt RsqrtGrad ScatterNd Select SelectV2 Selu Shape ShapeN Sigmoid SigmoidGrad Sign Sin Size
    Slice Softmax Softplus Softsign Split SplitV Sqrt SqrtGrad Square SquaredDifference Squeeze
    StopGradient StridedSlice StridedSliceGrad Sub Sum Tan Tanh TanhGrad Tile TopKV2 Transpose
    TruncateDiv Unpack UnsortedSegmentSum Where ZerosLike

    If PartitionedCall StatefulPartitionedCall StatelessIf StatelessWhile While

    AssignAddVariableOp AssignSubVariableOp AssignVariableOp DisableCopyOnRead ReadVariableOp
    VarHandleOp VarIsInitializedOp

    EmptyTensorList TensorListElementShape TensorListFromTensor TensorListGetItem
    TensorListLength TensorListPushBack TensorListReserve TensorListSetItem TensorListStack

    StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomGetKeyCounterAlg
    StatelessRandomNormal StatelessRandomNormalV2 StatelessRandomUniform
    StatelessRandomUniformFullIntV2 StatelessRandomUniformIntV2 StatelessRandomUniformV2
    StatelessTruncatedNormalV2
    """.split()
)

# TensorFlow writes two functions beside a model that save and restore its variables. Loading as
# TensorFlow 2 does runs neither; they may be called from the graph outside of functions only.
_SAVER = frozenset(
    "MergeV2Checkpoints RestoreV2 SaveV2 ShardedFilename StaticRegexFullMatch StringJoin".split()
)

_KINDS = (None, "user_object", "function", "bare_concrete_function", "variable", "captured_tensor")

_OBJECTS = (
    "_generic_user_object",
    "signature_map",
    "trackable_dict_wrapper",
    "trackable_list_wrapper",
    "trackable_tuple_wrapper",
)


def check_operations(folder):
    """Refuse a SavedModel that does more than compute; nothing of it is run.

    Parameters
    ----------
    folder : Path
        Holds `saved_model.pb`.

    Raises
    ------
    GanMriError
        Naming the operations that are on no list, or what else it is that would run when it
        is loaded.
    """
    strange = _strange(_graph(folder))
    if strange:
        listed = ", ".join(sorted(strange)[:8]) + (" ..." if len(strange) > 8 else "")
        raise GanMriError(
            f"{folder}: expected a SavedModel that only computes. Received one with {listed}, "
            "which may read or write files, reach the network or run programs. If you know who "
            "made it, and trust them as you would a program of theirs, say --trust (in Python "
            "trust=True of gan_mri.translate)."
        )


def _graph(folder):
    """The one graph of a SavedModel, as TensorFlow 2 would load it."""
    path = folder / "saved_model.pb"
    what = f"{folder}: expected a SavedModel with the signature serving_default; loading it failed"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise GanMriError(f"{what}: a graph of more than {MAX_BYTES / 2**20:g} MiB")
        model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    except (OSError, DecodeError) as error:
        raise GanMriError(f"{what}: {str(error).splitlines()[0]}") from error
    if len(model.meta_graphs) != 1 or not model.meta_graphs[0].HasField("object_graph_def"):
        raise GanMriError(f"{what}: {len(model.meta_graphs)} graphs, or one of TensorFlow 1")
    return model.meta_graphs[0]


def _strange(graph):
    """Names of what does more than compute."""
    library = {one.signature.name: one for one in graph.graph_def.library.function}
    found = _operations(graph.graph_def.node, library) - _SAVER
    saver = _saver_functions(graph, library)
    for name, function in library.items():
        found |= _operations(function.node_def, library) - (_SAVER if name in saver else set())
    objects = graph.object_graph_def
    for node in objects.nodes:
        kind = node.WhichOneof("kind")
        if kind not in _KINDS:
            found.add(f"an object of kind {kind}")
        if kind == "user_object" and node.user_object.identifier not in _OBJECTS:
            found.add(f"an object {node.user_object.identifier}")
        if node.registered_name or node.registered_saver:
            found.add(f"a registered object {node.registered_name or node.registered_saver}")
    if graph.asset_file_def:
        found.add("files beside the graph")
    return found


def _operations(nodes, library):
    """Operations that are neither allowed nor functions of the library."""
    return {node.op for node in nodes} - ALLOWED - set(library)


def _saver_functions(graph, library):
    """The functions that save and restore variables, if nothing else calls them.

    They are called from outside of the functions of the library, and not by what is loaded.
    """
    called = set(graph.object_graph_def.concrete_functions)
    for node in graph.object_graph_def.nodes:
        called |= set(node.function.concrete_functions)
        called.add(node.bare_concrete_function.concrete_function_name)
    for gradient in graph.graph_def.library.gradient:
        called |= {gradient.function_name, gradient.gradient_func}
    for gradient in graph.graph_def.library.registered_gradients:
        called.add(gradient.gradient_func)
    for function in library.values():
        called |= {name for node in function.node_def for name in _called(node)}
    return set(library) - called


def _called(node):
    """Names of the functions that a node may run."""
    yield node.op
    values = list(node.attr.values())
    while values:
        value = values.pop()
        for function in (value.func, *value.list.func):
            yield function.name
            values += function.attr.values()
