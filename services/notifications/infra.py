"""What notifications needs of an environment that its definition can't say."""

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm

from services.notifications.push import Platform
from thestack.definition import names
from thestack.infra.extension import Service, ServiceStack

APPLICATIONS: Mapping[str, Mapping[Platform, str]] = {
    # CloudFormation knows no platform applications, and their credentials are Google's and Apple's: each is
    # made once by hand, and named here. Without one push is off. The emulator's is the demo's to make.
    "local": {Platform.FCM: "arn:aws:sns:us-east-1:000000000000:app/GCM/local-notifications"},
}


def extend(stack: ServiceStack, service: Service) -> None:
    """Tell the functions that push of the applications. On the emulator make the key that signs links, too:
    elsewhere `thestack secret set notifications unsubscribe-key` does, and no template has it.
    """
    environment = service.environment
    for function in (service.subgraph, service.consumers["send_push"]):
        for platform, arn in APPLICATIONS.get(environment.name, {}).items():
            if function:
                function.function.add_environment(f"PUSH_{platform}", arn)
    if environment.emulated:
        # It does not see which endpoint a push is to, and grants pushes on `*` alone.
        service.consumers["send_push"].role.add_to_principal_policy(
            iam.PolicyStatement(actions=["sns:Publish"], resources=["*"])
        )
        ssm.CfnParameter(
            stack,
            "UnsubscribeKey",
            type="String",
            name=names.secret_parameter(environment.name, service.model.name, "unsubscribe-key"),
            value="of-this-machine-alone",
        )
