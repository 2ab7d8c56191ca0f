using Zilla.EdgeMqtt.Delivery;

namespace Microsoft.Extensions.DependencyInjection;

internal static class DeliveryServices
{
    /// <summary>Adds <see cref="IDeliveries"/>, on top of what every edge has.</summary>
    public static IServiceCollection AddDeliveries(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DeliveryOptions>().Bind(configuration.GetSection("Zilla:Edge:Mqtt:Delivery"));
        services.AddSingleton<TopicDispatchers>();
        services.AddSingleton<ReportClock>();
        services.AddSingleton<RetainedWrites>();
        services.AddSingleton<IDeliveries, Deliveries>();
        return services;
    }
}
