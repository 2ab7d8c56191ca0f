using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zilla.Config.Bindings;

namespace Zilla.Config.Plans;

/// <summary>
/// The JSON form of a plan, in which it travels and is kept. Members that are not known are refused (see <c>plans.proto</c>); members that are
/// absent have their defaults.
/// </summary>
public static class PlanJson
{
    // Not the source generator: it sets init-only members that are absent from the JSON to null, so a plan written by an older Control would
    // lose the defaults that the records declare. Plans are read when a configuration changes; the cost of reflection does not matter here.
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static byte[] Serialize(ServicePlan plan) => JsonSerializer.SerializeToUtf8Bytes(plan, Options);

    /// <exception cref="JsonException">Not JSON, or not a plan of this version; the message says where.</exception>
    public static ServicePlan Deserialize(ReadOnlySpan<byte> json) => Deserialize<ServicePlan>(json);

    /// <summary>True if the plans differ in nothing but their revision.</summary>
    public static bool SaysTheSame(ServicePlan one, ServicePlan other) =>
        Serialize(one with { Revision = 0 }).AsSpan().SequenceEqual(Serialize(other with { Revision = 0 }));

    /// <summary>Compares parts of plans; records compare their lists by identity.</summary>
    public static bool SayTheSame<T>(T one, T other) => Serialize(one).AsSpan().SequenceEqual(Serialize(other));

    /// <summary>What a binding says; equal texts mean the same.</summary>
    public static string TextOf(BindingConfig binding) => JsonSerializer.Serialize(binding, Options);

    internal static byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    internal static T Deserialize<T>(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("Nothing but null.");
        }
        catch (NotSupportedException problem)
        {
            // What the serializer throws for a binding without a discriminator.
            throw new JsonException(problem.Message, problem);
        }
    }
}
